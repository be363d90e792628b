/**
 * Ends this user's engine. Open operations stand still until the next command starts it again.
 */
import { readEngine, removeEngine } from './engine-file.ts';
import type { EngineFile } from './engine-file.ts';
import { isLocked, takeLock } from './lock.ts';
import { endProcess, findServers } from './orphans.ts';
import type { StateFolder } from './state-folder.ts';
import { untilRunning } from './until-running.ts';

/** Workers are drained for 10 s and the server gets 8 s: more means that it hangs. */
const PATIENCE_MS = 25_000;

/** Ends the engine and waits for it; returns what was ended, or undefined when none ran. */
export async function stopEngine(state: StateFolder): Promise<EngineFile | undefined> {
  const engine = isLocked(state.lockFile) ? await untilReadyOrGone(state) : undefined;
  if (engine) {
    await endProcess(
      { pgid: engine.up.pid, startTicks: engine.up.startTicks, program: 'belay' },
      PATIENCE_MS,
    );
    await cleanUp(state);
    return engine;
  }
  const found = await readEngine(state);
  await cleanUp(state);
  return found.is === 'stale' ? found.engine : undefined;
}

/** The engine once it can be told to stop; undefined when it ended by itself meanwhile. */
async function untilReadyOrGone(state: StateFolder): Promise<EngineFile | undefined> {
  try {
    return await untilRunning(state, () => isLocked(state.lockFile));
  } catch (error) {
    if (isLocked(state.lockFile)) throw error;
    return undefined;
  }
}

/** What a killed engine leaves behind: its server and its file. Nothing, when another engine is starting. */
async function cleanUp(state: StateFolder): Promise<void> {
  const lock = await takeLock(state.lockFile).catch(() => undefined);
  if (lock === undefined) return;
  try {
    for (const server of await findServers(state.databaseFile)) await endProcess(server);
    await removeEngine(state);
  } finally {
    lock.release();
  }
}
