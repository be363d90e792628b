/**
 * The embedded engine: one per user, holding the lock; its server and its workers are supervised until it is told to
 * stop or has been idle for long enough.
 */
import { startTicks } from '../process/run.ts';
import { Backoff } from './backoff.ts';
import { copyBeforeVersionChange } from './database-copy.ts';
import { readEngine, removeEngine, writeEngine } from './engine-file.ts';
import type { EngineFile } from './engine-file.ts';
import { untilIdle } from './idle.ts';
import { aborted, keepWorkers } from './keep-workers.ts';
import { isLocked, takeLock } from './lock.ts';
import { addFolders } from './folders.ts';
import { startServer } from './server.ts';
import type { EmbeddedServer } from './server.ts';
import { makeStateFolder } from './state-folder.ts';
import type { StateFolder } from './state-folder.ts';
import { findTemporalBinary, temporalVersion } from './temporal-binary.ts';
import { LOCAL_SITE } from '../domain/names.ts';
import { textVariables } from './environment.ts';
import { untilRunning } from './until-running.ts';
import type { StartWorkers } from './workers.ts';

/** How the embedded engine is run. */
export interface EmbeddedSettings {
  readonly state: StateFolder;
  readonly env: NodeJS.ProcessEnv;
  readonly belayVersion: string;
  /** Folders of deployment files that this engine's own environment names. */
  readonly deploymentFolders: readonly string[];
  readonly startWorkers: StartWorkers;
  /** Ends by itself after this much idleness; undefined: never. */
  readonly idleMs: number | undefined;
  readonly stop: AbortSignal;
  readonly log: (line: string) => void;
  /** Called each time the engine is ready for commands. */
  readonly ready: (engine: EngineFile) => void;
}

/** Why the engine ended, or the engine that runs already. */
export type EmbeddedEnd =
  | { readonly ended: 'stopped' | 'idle' }
  | { readonly ended: 'not-started'; readonly running: EngineFile };

/** Runs the engine. Throws when it can't be started the first time; later failures are retried. */
export async function runEmbedded(settings: EmbeddedSettings): Promise<EmbeddedEnd> {
  const { state, env } = settings;
  const before = await readEngine(state);
  if (before.is === 'running') return { ended: 'not-started', running: before.engine };
  await makeStateFolder(state);
  const lock = await takeLock(state.lockFile);
  if (lock === undefined) {
    return {
      ended: 'not-started',
      running: await untilRunning(state, () => isLocked(state.lockFile)),
    };
  }
  try {
    await removeEngine(state);
    await addFolders(settings.deploymentFolders, state);
    const binary = await findTemporalBinary(env);
    const copy = await copyBeforeVersionChange(state, await temporalVersion(binary));
    if (copy) settings.log(`another Temporal version: its database was copied to ${copy}`);
    return { ended: await serve(settings, binary) };
  } finally {
    await removeEngine(state);
    lock.release();
  }
}

async function serve(settings: EmbeddedSettings, binary: string): Promise<'stopped' | 'idle'> {
  const { state, stop, log } = settings;
  const backoff = new Backoff();
  const history = { served: false };
  while (!stop.aborted) {
    try {
      const server = await startServer(state, binary, textVariables(settings.env));
      backoff.started();
      try {
        const end = await serveOn(server, settings, () => (history.served = true));
        if (end !== 'server-ended') return end;
        log(`the Temporal server ${await server.ended}; starting it again`);
      } finally {
        await removeEngine(state);
        await server.stop();
      }
    } catch (error) {
      if (!history.served) throw error;
      log(
        `the engine could not be restarted: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    await backoff.wait(stop);
  }
  return 'stopped';
}

async function serveOn(
  server: EmbeddedServer,
  settings: EmbeddedSettings,
  served: () => void,
): Promise<'stopped' | 'idle' | 'server-ended'> {
  const { state, log } = settings;
  const ending = new AbortController();
  const stop = AbortSignal.any([settings.stop, ending.signal]);
  let why: 'stopped' | 'idle' | 'server-ended' = 'stopped';
  const end = (reason: 'idle' | 'server-ended') => {
    if (!stop.aborted) why = reason;
    ending.abort();
  };
  void server.ended.then(() => end('server-ended'));
  // From the first moment of ending on, commands wait for the next engine instead of talking to this one.
  void aborted(stop).then(() => removeEngine(state));
  const engine = await describeEngine(server, settings);
  void endWhenIdle(server, engine, settings, stop, end);
  await keepWorkers({
    start: settings.startWorkers,
    request: {
      connection: server.connection,
      site: LOCAL_SITE,
      control: true,
      deploymentFolders: settings.deploymentFolders,
      identity: `belay@${process.pid}`,
    },
    ready: async () => {
      served();
      await writeEngine(state, engine);
      settings.ready(engine);
    },
    away: () => removeEngine(state),
    stop,
    log,
  });
  return why;
}

async function endWhenIdle(
  server: EmbeddedServer,
  engine: EngineFile,
  settings: EmbeddedSettings,
  stop: AbortSignal,
  end: (reason: 'idle') => void,
): Promise<void> {
  const { state, idleMs } = settings;
  if (idleMs === undefined) return;
  const countOpen = () => server.admin.countOpen();
  while (await untilIdle({ idleMs, countOpen, touchedFile: state.engineFile, stop })) {
    // A command may be starting an operation at this very moment: hide first, then look once more.
    await removeEngine(state);
    if ((await countOpen().catch(() => 1)) === 0) {
      settings.log('nothing is open: ending');
      end('idle');
      return;
    }
    await writeEngine(state, engine);
  }
}

async function describeEngine(
  server: EmbeddedServer,
  settings: EmbeddedSettings,
): Promise<EngineFile> {
  return {
    version: 1,
    belay: settings.belayVersion,
    address: server.connection.address,
    namespace: server.connection.namespace,
    uiUrl: server.uiUrl,
    up: { pid: process.pid, startTicks: (await startTicks(process.pid)) ?? 'gone' },
    server: { pid: server.child.pgid, startTicks: server.child.startTicks },
    detached: settings.idleMs !== undefined,
    startedAt: new Date().toISOString(),
  };
}
