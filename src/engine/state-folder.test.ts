import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeStateFolder, stateFolder } from './state-folder.ts';

test.each([
  [{ BELAY_STATE: '/var/lib/b' }, '/var/lib/b'],
  [{ BELAY_STATE: 'here' }, join(process.cwd(), 'here')],
  [{ XDG_STATE_HOME: '/x', HOME: '/h' }, '/x/belay'],
  [{ BELAY_STATE: '', XDG_STATE_HOME: '', HOME: '/h' }, '/h/.local/state/belay'],
  [{}, join(homedir(), '.local/state/belay')],
])('%j keeps its state in %s', (env, folder) => {
  expect(stateFolder(env).folder).toBe(folder);
  expect(stateFolder(env).engineFile).toBe(join(folder, 'engine.json'));
});

test('a folder that was open to others is closed', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'belay-state-'));
  const state = stateFolder({ BELAY_STATE: join(parent, 'a', 'b') });
  try {
    await mkdir(state.folder, { recursive: true, mode: 0o755 });
    await makeStateFolder(state);
    expect((await stat(state.folder)).mode & 0o777).toBe(0o700);
  } finally {
    await rm(parent, { recursive: true });
  }
});
