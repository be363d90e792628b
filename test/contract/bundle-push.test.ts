/** Bundles for clusters: how their images come to a real registry, and by which identity. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { locateForCluster } from '../../src/images/locate-for-cluster.ts';
import { locateInBundle, type LocatedInBundle } from '../../src/images/locate-in-bundle.ts';
import { pushBundle } from '../../src/images/push-bundle.ts';
import type { ActContext } from '../../src/domain/act.ts';
import { quiet } from './arrange.ts';
import { docker } from './docker.ts';
import { reshape } from './reshape-bundle.ts';
import { pushTinyImage } from './tiny-image.ts';

const SOURCE = `127.0.0.1:5000/belay-bundles/source:${randomBytes(4).toString('hex')}`;
const options = { platforms: ['linux/amd64'], environment: process.env, imported: false };

let folder: string;
/** A name that the registry does not have yet, and a bundle of it. */
let reference: string;
let path: string;
beforeAll(async () => {
  await pushTinyImage(SOURCE, '2');
  folder = await mkdtemp(join(tmpdir(), 'belay-push-'));
});
afterAll(async () => {
  await docker(['image', 'rm', SOURCE]).catch(() => undefined);
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  await docker(['image', 'rm', reference]).catch(() => undefined);
});
beforeEach(async () => {
  const name = randomBytes(4).toString('hex');
  reference = `127.0.0.1:5000/belay-bundles/${name}:2`;
  path = join(folder, `${name}.tar`);
  await docker(['tag', SOURCE, reference]);
  await docker(['save', '--output', path, reference]);
});

const locate = async (file = path, published?: string): Promise<LocatedInBundle> => {
  const wanted = { web: { reference, ...(published !== undefined && { digest: published }) } };
  return (await locateInBundle(wanted, file, options, quiet()))['web']!;
};
const push = async (file = path, context: ActContext = quiet()) =>
  pushBundle(file, [{ reference, image: (await locate(file)).image }], process.env, context);
const inRegistry = async () =>
  (await locateForCluster({ web: { reference } }, options, quiet()))['web']!;
const idOf = async (name: string) =>
  (await docker(['image', 'inspect', '--format', '{{.Id}}', name])).toString().trim();

describe('pushed', () => {
  test.each(['plain', 'gzip', 'oci'])(
    '%s: what the plan says is what a node gets',
    async (shape) => {
      const plain = await readFile(path);
      if (shape === 'gzip') await writeFile(path, gzipSync(plain));
      if (shape === 'oci') await writeFile(path, await reshape(plain, { layout: 'oci' }));
      const { available, image } = await locate();
      expect(available.imageId).toBe(available.digest);
      expect(available.transferBytes).toBeGreaterThan(1_000_000);
      expect((await locate()).available).toEqual(available);
      const context = quiet();
      await push(path, context);
      expect(context.seen.at(-1)?.doneBytes).toBe(available.transferBytes);
      expect(await inRegistry()).toMatchObject({ imageId: available.imageId });
      await docker(['image', 'rm', reference]);
      await docker(['pull', '--quiet', reference]);
      expect(await idOf(reference)).toBe(image.imageId);
    },
  );

  test('twice as once: nothing is sent again', async () => {
    await push();
    const context = quiet();
    await push(path, context);
    expect(context.seen).toEqual([]);
    expect((await locate()).available).toMatchObject({ transferBytes: 0 });
  });

  test('ended in the middle, nothing has the name; the next one ends it', async () => {
    const stop = new AbortController();
    const context = { signal: stop.signal, progress: () => stop.abort(new Error('enough')) };
    await expect(push(path, context)).rejects.toThrow('enough');
    await expect(inRegistry()).rejects.toMatchObject({ code: 'image-not-found' });
    const { available } = await locate();
    await push();
    expect((await inRegistry()).imageId).toBe(available.imageId);
  });

  test('an image that the registry has keeps the digest it has there', async () => {
    await docker(['push', '--quiet', reference]);
    const there = await inRegistry();
    const { available, image } = await locate();
    expect(available).toMatchObject({ imageId: there.imageId, transferBytes: 0 });
    expect(image.imageId).toBe(await idOf(SOURCE));
  });

  test('its digest is not held against the publisher’s, whose layers were compressed', async () => {
    const { available } = await locate(path, `sha256:${'0'.repeat(64)}`);
    expect(available.digest).toBeUndefined();
    expect(available.imageId).toMatch(/^sha256:/);
  });
});

describe('refused', () => {
  test('a tag that means another image there is not moved', async () => {
    await pushTinyImage(reference, '3');
    const before = await inRegistry();
    await expect(locate()).rejects.toMatchObject({ fault: 'request', code: 'image-tag-taken' });
    expect(await inRegistry()).toEqual(before);
  });

  test('every image that can’t be had, together', async () => {
    const wanted = {
      web: { reference },
      odd: { reference: 'No Image' },
      other: { reference: SOURCE, digest: `sha256:${'0'.repeat(64)}` },
    };
    const failed = locateForCluster(wanted, options, quiet());
    await expect(failed).rejects.toMatchObject({
      fault: 'request',
      refusals: [
        { code: 'image-not-found' },
        { code: 'image-reference' },
        { code: 'image-digest' },
      ],
    });
  });

  test('a registry that is away is the environment’s fault', async () => {
    const away = reference.replace(':5000', ':1');
    await docker(['tag', SOURCE, away]);
    await docker(['save', '--output', path, away]);
    await docker(['image', 'rm', away]);
    const failed = locateInBundle({ web: { reference: away } }, path, options, quiet());
    await expect(failed).rejects.toMatchObject({
      fault: 'environment',
      code: 'registry-unreachable',
    });
  });
});
