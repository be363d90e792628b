import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyBeforeVersionChange } from './database-copy.ts';
import { stateFolder } from './state-folder.ts';
import type { StateFolder } from './state-folder.ts';

const OLD = 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)';
let state: StateFolder;

beforeEach(async () => {
  state = stateFolder({ BELAY_STATE: await mkdtemp(join(tmpdir(), 'belay-copy-')) });
});

afterEach(() => rm(state.folder, { recursive: true }));

test('the first start and a start of the same version copy nothing', async () => {
  expect(await copyBeforeVersionChange(state, OLD)).toBeUndefined();
  await writeFile(state.databaseFile, 'rows');
  expect(await copyBeforeVersionChange(state, OLD)).toBeUndefined();
});

test('another version copies the database with its write-ahead log, once', async () => {
  await copyBeforeVersionChange(state, OLD);
  await writeFile(state.databaseFile, 'rows');
  await writeFile(`${state.databaseFile}-wal`, 'newest rows');
  const copy = await copyBeforeVersionChange(state, 'temporal version 2.0.0');
  expect(copy).toBe(`${state.databaseFile}.temporal-version-1.9.1-Server-1.32.0-UI-2.54.1-`);
  expect(await readFile(copy ?? '', 'utf8')).toBe('rows');
  expect(await readFile(`${copy ?? ''}-wal`, 'utf8')).toBe('newest rows');
  expect((await stat(copy ?? '')).mode & 0o777).toBe(0o600);
  expect(await copyBeforeVersionChange(state, 'temporal version 2.0.0')).toBeUndefined();
});
