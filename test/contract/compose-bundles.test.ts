/** Offline bundles: what `docker save` writes, whole and damaged. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Pins } from '../../src/domain/target.ts';
import { deployCompose, REPOSITORY, type ComposeDeployed } from './compose-project.ts';
import { docker } from './docker.ts';
import { reshape } from './reshape-bundle.ts';
import { pinsOf, quiet } from './arrange.ts';
import { pushTinyImage } from './tiny-image.ts';

let folder: string;
let deployed: ComposeDeployed;
let pins: { from: Pins; to: Pins };
let plain: Buffer;
const place = (name: string) => join(folder, name);

beforeAll(async () => {
  await pushTinyImage(`${REPOSITORY}:1`, '1');
  await pushTinyImage(`${REPOSITORY}:2`, '2');
  folder = await mkdtemp(join(tmpdir(), 'belay-bundles-'));
  deployed = await deployCompose({ style: 'literal' });
  await docker(['pull', '--quiet', `${REPOSITORY}:2`]);
  await docker(['save', '--output', place('plain.tar'), `${REPOSITORY}:2`]);
  await docker(['save', '--output', place('other.tar'), `${REPOSITORY}:1`]);
  plain = await readFile(place('plain.tar'));
  await writeFile(place('bundle.tar.gz'), gzipSync(plain));
  await writeFile(place('bundle.tar.zst'), zstdCompressSync(plain));
  await writeFile(place('oci.tar'), await reshape(plain, { layout: 'oci' }));
  pins = await pinsOf(deployed);
});
afterAll(async () => {
  await deployed.dispose();
  await rm(folder, { recursive: true });
});
const locate = (name: string) =>
  deployed
    .target()
    .locate(
      { web: { reference: `${REPOSITORY}:2` } },
      { from: 'bundle', path: place(name) },
      quiet(),
    );

describe('a whole bundle', () => {
  beforeEach(async () => {
    await deployed.forgetImage!(`${REPOSITORY}:2`).catch(() => undefined);
  });

  test.each(['plain.tar', 'bundle.tar.gz', 'bundle.tar.zst', 'oci.tar'])('%s', async (name) => {
    const located = await locate(name);
    const imageId = pins.to['web']?.imageId;
    expect(located['web']).toMatchObject({ imageId, platform: 'linux/amd64', present: false });
    expect(located['web']?.transferBytes).toBeGreaterThan(500_000);
    const context = quiet();
    const source = { from: 'bundle', path: place(name) } as const;
    await deployed.target().fetch(pins.to, source, pins.from, context);
    const id = await docker(['image', 'inspect', '--format', '{{.Id}}', `${REPOSITORY}:2`]);
    expect(id.toString().trim()).toBe(imageId);
    expect(context.seen.at(-1)).toMatchObject({ doneBytes: located['web']?.transferBytes });
    // A tag that moved meanwhile is put right without loading again.
    await docker(['tag', `${REPOSITORY}:1`, `${REPOSITORY}:2`]);
    const again = quiet();
    await deployed.target().fetch(pins.to, source, pins.from, again);
    expect(again.seen).toEqual([]);
    const back = await docker(['image', 'inspect', '--format', '{{.Id}}', `${REPOSITORY}:2`]);
    expect(back.toString().trim()).toBe(imageId);
  });
});

describe('a bundle that is refused', () => {
  const damaged = { fault: 'request', code: 'bundle-damaged' };

  test.each([
    ['half.tar', () => plain.subarray(0, plain.length >> 1)],
    ['half.tar.gz', () => half(gzipSync(plain))],
    ['half.tar.zst', () => half(zstdCompressSync(plain))],
    ['cut-at-a-member.tar', () => plain.subarray(0, memberBefore('manifest.json'))],
    ['flipped.tar', () => flipped()],
    ['not-an-archive.tar', () => Buffer.from('x'.repeat(2_000))],
    ['empty.tar', () => Buffer.alloc(0)],
    ['just-zeroes.tar', () => Buffer.alloc(4_096)],
  ])('%s', async (name, content) => {
    await writeFile(place(name), content());
    await expect(locate(name)).rejects.toMatchObject(damaged);
  });

  test('another image', () =>
    expect(locate('other.tar')).rejects.toMatchObject({
      code: 'bundle-other-image',
      message: expect.stringContaining(`it holds ${REPOSITORY}:1`) as unknown,
    }));

  test('missing', () =>
    expect(locate('nowhere.tar')).rejects.toMatchObject({
      fault: 'request',
      code: 'bundle-missing',
    }));

  test('of another platform', async () => {
    await writeFile(place('arm.tar'), await reshape(plain, { architecture: 'arm64' }));
    await expect(locate('arm.tar')).rejects.toMatchObject({
      fault: 'request',
      code: 'image-platform',
      message: expect.stringMatching(
        /is for linux\/arm64, but this engine is linux\/amd64/,
      ) as unknown,
    });
  });

  test('with a member that leads out of it', async () => {
    await writeFile(place('evil.tar'), await reshape(plain, { extra: '../../etc/cron.d/x' }));
    await expect(locate('evil.tar')).rejects.toMatchObject(damaged);
  });

  test('cut short between plan and fetch', async () => {
    await deployed.forgetImage!(`${REPOSITORY}:2`).catch(() => undefined);
    await writeFile(place('late.tar.gz'), half(gzipSync(plain)));
    const source = { from: 'bundle', path: place('late.tar.gz') } as const;
    await expect(
      deployed.target().fetch(pins.to, source, pins.from, quiet()),
    ).rejects.toMatchObject(damaged);
    expect(await deployed.serving()).toBe('1');
  });
});

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length >> 1);
}

/** Offset of the header of a member. */
function memberBefore(name: string): number {
  for (let at = 0; at < plain.length; at += 512)
    if (plain.subarray(at, at + name.length).toString('latin1') === name) return at;
  throw new Error(`no member ${name}`);
}

/** One byte in the middle of the largest member is another. */
function flipped(): Buffer {
  const copy = Buffer.from(plain);
  const at = copy.length >> 1;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
