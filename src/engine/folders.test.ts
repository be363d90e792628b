import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addFolders, readFolders } from './folders.ts';
import { stateFolder } from './state-folder.ts';
import type { StateFolder } from './state-folder.ts';

let base: string;
let state: StateFolder;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'belay-folders-'));
  state = stateFolder({ BELAY_STATE: join(base, 'state') });
  for (const name of ['a', 'b', 'c']) await mkdir(join(base, name));
});

afterEach(() => rm(base, { recursive: true }));

const paths = (...names: string[]) => names.map((name) => join(base, name));

test('nothing was named yet', async () => {
  expect(await readFolders(state)).toEqual([]);
});

test('the folders of the last command come first, in its order', async () => {
  await addFolders(paths('a', 'b'), state);
  await addFolders(paths('c', 'b'), state);
  expect(await readFolders(state)).toEqual(paths('c', 'b', 'a'));
});

test('folders that are missing, or files, are not kept', async () => {
  await writeFile(join(base, 'file'), '');
  await addFolders(paths('a', 'nowhere', 'file'), state);
  await rm(join(base, 'a'), { recursive: true });
  await addFolders(paths('b'), state);
  expect(await readFolders(state)).toEqual(paths('b'));
});

test('two commands at once lose neither folder', async () => {
  await Promise.all([addFolders(paths('a'), state), addFolders(paths('b'), state)]);
  await addFolders(paths('c'), state);
  const known = await readFolders(state);
  expect(known).toContain(join(base, 'c'));
  expect(known.length).toBeGreaterThanOrEqual(2);
});

test('a broken file is written anew', async () => {
  await addFolders(paths('a'), state);
  await writeFile(state.foldersFile, '["relative"]');
  await addFolders(paths('b'), state);
  expect(await readFolders(state)).toEqual(paths('b'));
});
