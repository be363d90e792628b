import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTicks } from '../process/run.ts';
import { readEngine, removeEngine, writeEngine } from './engine-file.ts';
import type { EngineFile } from './engine-file.ts';
import { stateFolder } from './state-folder.ts';
import type { StateFolder } from './state-folder.ts';

let state: StateFolder;

beforeEach(async () => {
  state = stateFolder({ BELAY_STATE: await mkdtemp(join(tmpdir(), 'belay-engine-')) });
});

afterEach(() => rm(state.folder, { recursive: true }));

async function engine(up?: Partial<EngineFile['up']>): Promise<EngineFile> {
  const self = { pid: process.pid, startTicks: (await startTicks(process.pid)) ?? '' };
  return {
    version: 1,
    belay: '0.1.0',
    address: '127.0.0.1:7233',
    namespace: 'default',
    uiUrl: 'http://127.0.0.1:8233',
    up: { ...self, ...up },
    server: self,
    detached: true,
    startedAt: '2026-03-26T10:00:00.000Z',
  };
}

test('the engine of a living process runs', async () => {
  await writeEngine(state, await engine());
  expect(await readEngine(state)).toEqual({ is: 'running', engine: await engine() });
  expect((await stat(state.engineFile)).mode & 0o777).toBe(0o600);
});

test('a process that is gone, or another one with its PID, is stale', async () => {
  await writeEngine(state, await engine({ startTicks: '1' }));
  expect((await readEngine(state)).is).toBe('stale');
  await writeEngine(state, await engine({ pid: 4_194_303, startTicks: '1' }));
  expect((await readEngine(state)).is).toBe('stale');
});

test.each(['', '{', '[]', '{"version":2}', '{"version":1,"address":"evil:1"}'])(
  'a file that holds %j is no engine',
  async (text) => {
    await writeFile(state.engineFile, text);
    expect(await readEngine(state)).toEqual({ is: 'absent' });
  },
);

test('removing twice is fine', async () => {
  await writeEngine(state, await engine());
  await removeEngine(state);
  await removeEngine(state);
  expect(await readEngine(state)).toEqual({ is: 'absent' });
});
