/** The promise, checked on the real thing after an operation has ended. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Outcome } from '../../src/domain/operation.ts';
import { mustRun, run, type Site } from '../../scripts/stack/site.ts';
import { storedTitles } from './writer.ts';

export const IMAGE = '127.0.0.1:5000/atlasai/tenant-plane';

/** What a site was before the operation. */
export interface Before {
  readonly version: string;
  readonly composeText: string;
  readonly envText: string;
  readonly dbContainer: string | undefined;
}

export async function rememberSite(site: Site, version = '1.2.2'): Promise<Before> {
  const [db] = await site.containers('db');
  return {
    version,
    composeText: await site.composeText(),
    envText: await readFile(site.example.envFile, 'utf8'),
    dbContainer: db?.id,
  };
}

/** Everything that must hold when `outcome` says that `serving` serves. */
export async function expectPromise(
  site: Site,
  before: Before,
  outcome: Pick<Outcome, 'outcome' | 'serving'>,
  rows: readonly string[] = [],
): Promise<void> {
  const serving = outcome.outcome === 'succeeded' ? outcome.serving : before.version;
  expect(await site.healthy(20_000), 'the version that answers').toBe(serving);
  await expectContainers(site, serving ?? '');
  await expectFiles(site, before, serving ?? '');
  const [db] = await site.containers('db');
  expect(db?.id, 'the database was not touched').toBe(before.dbContainer);
  await expect(
    access(join(site.example.directory, '.belay', 'operation.json')),
    'the claim is gone',
  ).rejects.toThrow();
  const stored = await storedTitles(site);
  expect(
    rows.filter((title) => !stored.has(title)),
    'no acknowledged row is lost',
  ).toEqual([]);
}

async function expectContainers(site: Site, version: string): Promise<void> {
  const containers = await site.containers();
  expect(containers.map(({ name, state }) => ({ name, state }))).toEqual([
    { name: `${site.example.name}-tenant-plane-1`, state: 'running' },
  ]);
  const wanted = await mustRun([
    'docker',
    'image',
    'inspect',
    '-f',
    '{{.Id}}',
    `${IMAGE}:${version}`,
  ]);
  expect(containers[0]?.imageId, 'the image that runs').toBe(wanted.trim());
}

/** Only the tag may differ, byte for byte. */
async function expectFiles(site: Site, before: Before, serving: string): Promise<void> {
  const swapTag = (text: string) =>
    text
      .replace(`image: ${IMAGE}:${before.version}`, `image: ${IMAGE}:${serving}`)
      .replace(`ATLAS_VERSION=${before.version}`, `ATLAS_VERSION=${serving}`);
  expect(await site.composeText()).toBe(swapTag(before.composeText));
  expect(await readFile(site.example.envFile, 'utf8')).toBe(swapTag(before.envText));
}

/** Removes an image with every tag that keeps it, so that the next pull transfers bytes. */
export async function forgetImage(version: string): Promise<void> {
  const { code, stdout } = await run([
    ...['docker', 'image', 'inspect', '-f', '{{.Id}}', `${IMAGE}:${version}`],
  ]);
  if (code === 0) await mustRun(['docker', 'image', 'rm', '-f', stdout.trim()]);
  const again = await run(['docker', 'image', 'inspect', `${IMAGE}:${version}`]);
  expect(again.code, `${version} is not in the local store`).not.toBe(0);
}
