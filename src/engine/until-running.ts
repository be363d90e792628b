/**
 * Waits for an engine that is being started.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { failure } from '../domain/errors.ts';
import { readEngine } from './engine-file.ts';
import type { EngineFile } from './engine-file.ts';
import type { StateFolder } from './state-folder.ts';

const TIMEOUT_MS = 60_000;
const POLL_MS = 40;

/**
 * The engine once it is ready. Throws `environment` when `mayStillStart` says no, or after a minute.
 */
export async function untilRunning(
  state: StateFolder,
  mayStillStart: () => boolean,
): Promise<EngineFile> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const may = mayStillStart();
    const found = await readEngine(state);
    if (found.is === 'running') return found.engine;
    if (!may || performance.now() > deadline) {
      throw failure(
        'environment',
        'engine-start',
        may
          ? `The engine of this user did not become ready in ${TIMEOUT_MS / 1000} s`
          : 'The engine of this user ended while it was starting',
        `Read ${state.logFile}; then try again`,
      );
    }
    await sleep(POLL_MS);
  }
}
