/**
 * The embedded Temporal server: a child in its own process group, ready once its namespace answers.
 */
import { chmod } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TemporalConnection } from '../domain/connection.ts';
import { failure } from '../domain/errors.ts';
import { startBackground } from '../process/background.ts';
import type { Background } from '../process/background.ts';
import { openAdmin } from './admin.ts';
import type { Admin } from './admin.ts';
import { lastLines } from './log-tail.ts';
import { endProcess, findServers } from './orphans.ts';
import { listensOn } from './listens.ts';
import { choosePorts, LOOPBACK } from './ports.ts';
import { serverArgv } from './server-argv.ts';
import type { StateFolder } from './state-folder.ts';

const READY_TIMEOUT_MS = 30_000;
const POLL_MS = 40;
const NAMESPACE = 'default';

/** A running, reachable server. */
export interface EmbeddedServer {
  readonly connection: TemporalConnection;
  readonly uiUrl: string;
  readonly child: Background['child'];
  readonly admin: Admin;
  /** Resolves when the server has ended by itself or by `stop`. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Ends servers that were left behind on this database, then starts one. Only the holder of the lock may call it.
 * Throws `environment` with the log's last lines when it does not become ready.
 */
export async function startServer(
  state: StateFolder,
  binary: string,
  env: Readonly<Record<string, string>>,
): Promise<EmbeddedServer> {
  for (const orphan of await findServers(state.databaseFile)) await endProcess(orphan);
  try {
    return await launch(state, binary, env);
  } catch {
    // Someone may have taken a port between the look at it and the server's start: the second try chooses anew.
    return launch(state, binary, env);
  }
}

async function launch(
  state: StateFolder,
  binary: string,
  env: Readonly<Record<string, string>>,
): Promise<EmbeddedServer> {
  const ports = await choosePorts(state);
  const background = await startBackground(serverArgv(binary, state.databaseFile, ports), {
    cwd: state.folder,
    env: withoutTemporalSettings(env),
    logFile: state.logFile,
    outlivesUs: false,
  });
  const connection = { address: `${LOOPBACK}:${ports.grpc}`, namespace: NAMESPACE };
  const admin = openAdmin(connection);
  try {
    await untilReady(() => answers(admin, ports.grpc, state), background, state);
    await chmod(state.databaseFile, 0o600);
    await admin.keepHistory();
    await admin.ensureSearchAttributes();
  } catch (error) {
    await stopServer(background, admin);
    throw error;
  }
  return {
    connection,
    uiUrl: `http://${LOOPBACK}:${ports.ui}`,
    child: background.child,
    admin,
    ended: background.ended.then(describeEnd),
    stop: () => stopServer(background, admin),
  };
}

async function answers(admin: Admin, port: number, state: StateFolder): Promise<boolean> {
  // By what it serves, not by what was started: that may be a script around the program.
  const ours = async () => (await findServers(state.databaseFile)).map(({ pgid }) => pgid);
  // Asking before anybody listens would cost a second: gRPC waits that long after a refused connection.
  if (!(await listensOn(port, ours))) return false;
  await admin.checkNamespace();
  return true;
}

async function untilReady(
  isReady: () => Promise<boolean>,
  server: Background,
  state: StateFolder,
): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let end: string | undefined;
  void server.ended.then((how) => (end = describeEnd(how)));
  for (;;) {
    if (await isReady().catch(() => false)) return;
    if (end !== undefined || performance.now() > deadline) {
      throw failure(
        'environment',
        'server-start',
        `The Temporal server ${end ?? `did not answer in ${READY_TIMEOUT_MS / 1000} s`}: ${await lastLines(state.logFile, 3)}`,
        `Read ${state.logFile}; then start again with: belay up`,
      );
    }
    await sleep(POLL_MS);
  }
}

async function stopServer(server: Background, admin: Admin): Promise<void> {
  await admin.close().catch(() => undefined);
  await endProcess(server.child);
}

function describeEnd(how: { exitCode: number | null; signal: NodeJS.Signals | null }): string {
  return how.signal ? `was ended by ${how.signal}` : `ended with ${how.exitCode ?? 'no code'}`;
}

/** The server must not take a client's settings for its own. */
function withoutTemporalSettings(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}
