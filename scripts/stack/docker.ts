import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findDaemon, startDaemon, stopDaemon } from './daemon.ts';
import { answersPing, resolveDockerSocket } from './docker-socket.ts';
import { dockerdEnvironment } from './dockerd-environment.ts';
import { withStackLock } from './lock.ts';
import { stateDirectory } from './place.ts';

const NAME = 'dockerd';
const DEFAULT_SOCKET = '/var/run/docker.sock';
const READY_WITHIN_MS = 60_000;
/** dockerd gives its containers 15 s to stop. */
const STOPPED_WITHIN_MS = 60_000;

/** A Docker engine that answers. */
export interface DockerEngine {
  /** Path of its Unix socket. */
  readonly socket: string;
  /** Whether it is the stack's own, started by this process or an earlier one. */
  readonly startedByUs: boolean;
  /** Whether this very call started it; whoever did may stop it when done. */
  readonly startedNow: boolean;
  /** Process number of dockerd; known only of an engine of our own. */
  readonly pid?: number;
}

/**
 * Finds the Docker engine that `docker` itself would use, or starts one in the background as root.
 * It goes on running after this process; {@link stopDocker} ends it.
 *
 * @throws Error with the remedy when none answers and none may be started.
 */
export function ensureDocker(): Promise<DockerEngine> {
  return withStackLock(async () => {
    const socket = await resolveDockerSocket();
    if (await answersPing(socket)) return describe(socket, false);
    if (socket !== DEFAULT_SOCKET) {
      throw new Error(`no Docker engine answers at ${socket}: start it, or unset DOCKER_HOST`);
    }
    return startDocker();
  });
}

/** The engine in use, without starting any. */
export async function findDocker(): Promise<DockerEngine | undefined> {
  const socket = await resolveDockerSocket();
  return (await answersPing(socket)) ? describe(socket, false) : undefined;
}

/** Ends the engine, and with it its containers, if the stack started it; a user's own is left. */
export function stopDocker(): Promise<boolean> {
  return withStackLock(() => stopDaemon(NAME, { signal: 'SIGTERM', withinMs: STOPPED_WITHIN_MS }));
}

/**
 * Ends our engine as a restart (SIGTERM) or a crash (SIGKILL) would, and starts it again. Images,
 * volumes and containers stay; whether a container runs afterwards is up to its restart policy.
 *
 * @throws Error when the engine is not the stack's own: a user's containers are not ours to stop.
 */
export function restartDocker(how: { signal: 'SIGTERM' | 'SIGKILL' }): Promise<DockerEngine> {
  return withStackLock(async () => {
    if (findDaemon(NAME) === undefined) {
      throw new Error(
        'the Docker engine was not started by belay, so it is not restarted; ' +
          'stop it and run `node scripts/stack.ts up`',
      );
    }
    await stopDaemon(NAME, { signal: how.signal, withinMs: STOPPED_WITHIN_MS });
    return startDocker();
  });
}

async function startDocker(): Promise<DockerEngine> {
  if (process.getuid?.() !== 0) {
    throw new Error('no Docker engine answers: sudo service docker start');
  }
  // A pid file of our own, removed first: one that a killed dockerd left stops the next from
  // starting as soon as some other process has the same number.
  const pidFile = join(stateDirectory(), 'dockerd.pid');
  rmSync(pidFile, { force: true });
  await startDaemon({
    name: NAME,
    program: 'dockerd',
    args: ['--host', `unix://${DEFAULT_SOCKET}`, '--pidfile', pidFile],
    env: await dockerdEnvironment(),
    isReady: () => answersPing(DEFAULT_SOCKET),
    readyWithinMs: READY_WITHIN_MS,
    remedy: 'sh scripts/setup docker',
  });
  return describe(DEFAULT_SOCKET, true);
}

function describe(socket: string, startedNow: boolean): DockerEngine {
  const own = socket === DEFAULT_SOCKET ? findDaemon(NAME) : undefined;
  if (own === undefined) return { socket, startedByUs: false, startedNow };
  return { socket, startedByUs: true, startedNow, pid: own.pid };
}
