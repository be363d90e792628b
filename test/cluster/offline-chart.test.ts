/** A bundle that brings the chart with its images. */
import { execFile } from 'node:child_process';
import { access, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createHelmTarget } from '../../src/targets/helm/index.ts';
import { claimOf, quiet } from '../contract/arrange.ts';
import { ensureTinyImage } from '../contract/tiny-image.ts';
import { deployHelm, type HelmDeployed } from './helm-release.ts';
import { newBundle } from './new-bundle.ts';
import { REPOSITORY } from './tiny-chart.ts';

const run = promisify(execFile);
let deployed: HelmDeployed;
let bundle: Awaited<ReturnType<typeof newBundle>>;

beforeAll(() => ensureTinyImage(`${REPOSITORY}:1`, '1'));
beforeEach(async () => {
  [deployed, bundle] = await Promise.all([deployHelm(), newBundle()]);
});
afterEach(() => Promise.all([deployed.dispose(), bundle.remove()]));

/** Packs the chart under the name that its version's image has, and appends it to the bundle. */
async function bundleChart(): Promise<string> {
  const tag = bundle.reference.split(':').at(-1) ?? '';
  const name = `tiny-${tag}.tgz`;
  await deployed.helm('package', deployed.settings.directory + '/chart', '-d', bundle.folder);
  await rename(join(bundle.folder, 'tiny-0.1.0.tgz'), join(bundle.folder, name));
  await run('tar', ['--append', '--file', bundle.source.path, '-C', bundle.folder, name]);
  return name;
}

test('is planned with, put in its place by fetch, and compared when one is there', async () => {
  const path = join(deployed.directory, 'charts', await bundleChart());
  const chart = { from: 'path', path: join(deployed.directory, 'charts', 'tiny-{version}.tgz') };
  const target = createHelmTarget(
    { ...deployed.settings, chart: chart as { from: 'path'; path: string } },
    { web: { image: REPOSITORY, tag: '{version}' } },
  );
  const wanted = { web: { reference: bundle.reference } };
  const located = await target.locate(wanted, bundle.source, quiet());
  const { reference, imageId } = located['web'] ?? { reference: '', imageId: '' };
  const goal = { pins: { web: { reference, imageId } } };

  await expect(target.preview(goal, quiet())).rejects.toMatchObject({
    refusals: [{ code: 'chart-not-found' }],
  });
  const { changes, notes } = await target.preview(goal, quiet(), bundle.source);
  expect(changes.flatMap((change) => (change.kind === 'command' ? change.argv : []))).toContain(
    path,
  );
  expect(notes).toContain(`the chart ${path} comes from the bundle`);
  await expect(access(path), 'a plan changes nothing').rejects.toThrow();

  const from = await target.currentPins(await target.observe(quiet()));
  await target.claim(claimOf('run', { from, to: goal.pins, fromPoint: { revision: 1 } }));
  for (const _ of ['once', 'twice']) await target.fetch(goal.pins, bundle.source, from, quiet());
  await target.swap(goal, 'run', quiet());
  expect((await deployed.serving()).trim()).toBe('2');
  await target.releaseClaim('run');

  await writeFile(path, 'another chart');
  await expect(target.preview(goal, quiet(), bundle.source)).rejects.toMatchObject({
    fault: 'request',
    refusals: [{ code: 'chart-differs' }],
  });
});
