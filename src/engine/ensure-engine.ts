/**
 * Makes sure that this user's engine runs: what every command does first where no Temporal is configured. Whatever
 * was open when an earlier engine was killed goes on as soon as the new one is ready.
 */
import { rename, stat, utimes } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failure } from '../domain/errors.ts';
import { startBackground } from '../process/background.ts';
import { readEngine } from './engine-file.ts';
import type { EngineFile } from './engine-file.ts';
import { textVariables } from './environment.ts';
import { addFolders } from './folders.ts';
import { isLocked } from './lock.ts';
import { lastLines } from './log-tail.ts';
import { makeStateFolder } from './state-folder.ts';
import type { StateFolder } from './state-folder.ts';
import { untilRunning } from './until-running.ts';

const MAX_LOG_BYTES = 10 * 1024 * 1024;
/** Starts that may be lost to another engine's end before this is an error. */
const ATTEMPTS = 3;

/** The program that is started detached; `belay` itself. */
const LAUNCHER = fileURLToPath(new URL('../../bin/belay', import.meta.url));

/** What a command brings along. */
export interface EnsureSettings {
  readonly state: StateFolder;
  readonly env: NodeJS.ProcessEnv;
  /** Absolute folders in which this command looks for deployment files. */
  readonly deploymentFolders: readonly string[];
  /** Called when an engine has to be started, which takes a few seconds. */
  readonly onStart?: () => void;
}

/**
 * The running engine, started if need be. Throws `environment` with the end of its log when it can't be started.
 */
export async function ensureEngine(settings: EnsureSettings): Promise<EngineFile> {
  const { state } = settings;
  await addFolders(settings.deploymentFolders, state);
  const found = await readEngine(state);
  if (found.is === 'running') return used(state, found.engine);
  await makeStateFolder(state);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await used(state, await startOrAwait(settings));
    } catch (error) {
      if (attempt === ATTEMPTS || !isLocked(state.lockFile)) throw error;
    }
  }
}

async function startOrAwait(settings: EnsureSettings): Promise<EngineFile> {
  const { state } = settings;
  if (isLocked(state.lockFile)) return untilRunning(state, () => isLocked(state.lockFile));
  settings.onStart?.();
  const logStart = await shortenLog(state);
  const started = await startDetached(settings);
  let exitCode: number | null | undefined;
  void started.ended.then((end) => (exitCode = end.exitCode ?? -1));
  try {
    // Ours may have ended because another command's got the lock first: then that one is waited for.
    return await untilRunning(state, () => exitCode === undefined || isLocked(state.lockFile));
  } catch (error) {
    if (!exitCode) throw error;
    throw failure(
      'environment',
      'engine-start',
      `The engine could not be started: ${await lastLines(state.logFile, 4, logStart)}`,
      `Read ${state.logFile}, run \`belay doctor\`, then try again`,
      error,
    );
  }
}

/** Starts `belay up` in a process group of its own, so that neither Ctrl-C nor a closed terminal reaches it. */
function startDetached({ state, env, deploymentFolders }: EnsureSettings) {
  return startBackground([process.execPath, LAUNCHER, 'up', '--detached'], {
    cwd: '/',
    env: {
      ...textVariables(env),
      // The new process runs in another directory: relative paths would change their meaning.
      BELAY_DEPLOYMENTS: deploymentFolders.join(delimiter),
      BELAY_STATE: state.folder,
    },
    logFile: state.logFile,
    outlivesUs: true,
  });
}

/** Tells the engine that it is in use, so that it does not end as idle. */
async function used(state: StateFolder, engine: EngineFile): Promise<EngineFile> {
  const now = new Date();
  await utimes(state.engineFile, now, now).catch(() => undefined);
  return engine;
}

async function shortenLog(state: StateFolder): Promise<number> {
  const { size } = await stat(state.logFile).catch(() => ({ size: 0 }));
  if (size < MAX_LOG_BYTES) return size;
  await rename(state.logFile, `${state.logFile}.1`);
  return 0;
}
