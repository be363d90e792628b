import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { extractFromBundle } from './bundled-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-bundled-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function bundleOf(members: readonly (readonly [string, string])[]): Promise<Buffer> {
  const archive = pack();
  for (const [name, text] of members) archive.entry({ name }, text);
  archive.finalize();
  return buffer(archive);
}

async function extracted(bytes: Buffer): Promise<string | undefined> {
  const path = join(folder, 'bundle.tar');
  await writeFile(path, bytes);
  const to = join(folder, 'copy');
  return extractFromBundle(path, 'shop-1.tgz', to, new AbortController().signal);
}

test('a file is found in whichever folder, and copied byte for byte', async () => {
  const digest = await extracted(
    await bundleOf([
      ['manifest.json', '[]'],
      ['./charts/shop-1.tgz', 'chart'],
      ['last', 'x'],
    ]),
  );
  expect(digest).toBe('sha256:cc57fc1903e444cf6a726490b43b27ee9f87facc037f86872201847c565b45fb');
  expect(await readFile(join(folder, 'copy'), 'utf8')).toBe('chart');
});

test('a bundle without it has none', async () => {
  expect(await extracted(await bundleOf([['charts/shop-1.tgz.bak', 'x']]))).toBeUndefined();
});

test.each([
  [
    'two of that name',
    () =>
      bundleOf([
        ['a/shop-1.tgz', '1'],
        ['b/shop-1.tgz', '2'],
      ]),
    'several files shop-1.tgz',
  ],
  ['a path out of the archive', () => bundleOf([['../shop-1.tgz', '1']]), 'outside of itself'],
  [
    'an end in the middle',
    async () => (await bundleOf([['shop-1.tgz', 'x'.repeat(4096)]])).subarray(0, 2048),
    "can’t be used|can't be used",
  ],
])('%s is refused', async (_, bytes, why) => {
  await expect(extracted(await bytes())).rejects.toMatchObject({
    fault: 'request',
    message: expect.stringMatching(why) as string,
  });
});
