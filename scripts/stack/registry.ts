import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findDaemon, startDaemon, stopDaemon } from './daemon.ts';
import { withStackLock } from './lock.ts';
import { stateDirectory } from './place.ts';

const DEFAULT_PORT = 5000;
const READY_WITHIN_MS = 15_000;
const STOPPED_WITHIN_MS = 10_000;
const PING_MS = 2_000;

/** An image registry on 127.0.0.1, which Docker trusts without TLS. */
export interface Registry {
  /** `127.0.0.1:PORT`, as image references begin. */
  readonly address: string;
  readonly startedByUs: boolean;
  /** Whether this very call started it; whoever did may stop it when done. */
  readonly startedNow: boolean;
  /** Process number; known only of a registry of our own. */
  readonly pid?: number;
}

/** Which registry: fault tests run one of their own beside the shared one, and stop it at will. */
export interface RegistryPlace {
  /** Default 5000. */
  readonly port?: number;
  /** Folder of the images; default: one per port in the stack's state folder. Outlives a stop. */
  readonly storage?: string;
}

/**
 * Finds the registry at this port, or starts one in the background that keeps its images.
 * It goes on running after this process; {@link stopRegistry} ends it.
 *
 * @throws Error when something that is no registry listens there.
 */
export function ensureRegistry(place: RegistryPlace = {}): Promise<Registry> {
  return withStackLock(async () => {
    const port = place.port ?? DEFAULT_PORT;
    if (await isRegistry(port)) return describe(port, false);
    await startDaemon({
      name: daemonName(port),
      program: process.env['BELAY_REGISTRY_BIN'] ?? 'docker-registry',
      args: ['serve', writeConfig(port, place.storage)],
      env: {},
      isReady: () => isRegistry(port),
      readyWithinMs: READY_WITHIN_MS,
      remedy: 'sh scripts/setup registry',
    });
    return describe(port, true);
  });
}

/** The registry at this port, without starting any. */
export async function findRegistry(port = DEFAULT_PORT): Promise<Registry | undefined> {
  return (await isRegistry(port)) ? describe(port, false) : undefined;
}

/** Ends the registry at this port if the stack started it; its images stay. */
export function stopRegistry(
  place: { port?: number; signal?: 'SIGTERM' | 'SIGKILL' } = {},
): Promise<boolean> {
  return withStackLock(() =>
    stopDaemon(daemonName(place.port ?? DEFAULT_PORT), {
      signal: place.signal ?? 'SIGTERM',
      withinMs: STOPPED_WITHIN_MS,
    }),
  );
}

/** @throws Error when something else answers there: pushes to it would go astray. */
async function isRegistry(port: number): Promise<boolean> {
  let answer: Response;
  try {
    answer = await fetch(`http://127.0.0.1:${port}/v2/`, { signal: AbortSignal.timeout(PING_MS) });
  } catch {
    return false;
  }
  await answer.body?.cancel();
  const version = answer.headers.get('docker-distribution-api-version');
  if (answer.status === 200 && version === 'registry/2.0') return true;
  throw new Error(
    `127.0.0.1:${port} answers ${answer.status} but is not an open image registry; ` +
      'end what listens there',
  );
}

/** The file is JSON, which is YAML too. */
function writeConfig(port: number, storage: string | undefined): string {
  const directory = join(stateDirectory(), daemonName(port));
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const rootdirectory = storage ?? join(directory, 'data');
  const config = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory }, delete: { enabled: true } },
    // Without a secret the registry warns at each start; uploads are signed with it.
    http: { addr: `127.0.0.1:${port}`, secret: randomBytes(32).toString('hex') },
  };
  const file = join(directory, 'config.yml');
  writeFileSync(file, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
  return file;
}

function describe(port: number, startedNow: boolean): Registry {
  const address = `127.0.0.1:${port}`;
  const own = findDaemon(daemonName(port));
  if (own === undefined) return { address, startedByUs: false, startedNow };
  return { address, startedByUs: true, startedNow, pid: own.pid };
}

function daemonName(port: number): string {
  return `registry-${port}`;
}
