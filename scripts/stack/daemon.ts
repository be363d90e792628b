import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateDirectory } from './place.ts';
import { identifyProcess, isRunning, processIdentitySchema } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

const POLL_MS = 50;
/** What a killed process of many threads may take to be gone. */
const KILLED_MS = 10_000;
const LOG_KEPT_BYTES = 10_000_000;

/** A long-lived program of the stack: how to start it, and how to see that it serves. */
export interface DaemonSpec {
  /** Names its record and its log in the state folder. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Its whole environment: the caller's may hold secrets that a daemon has no business with. */
  readonly env: Readonly<Record<string, string>>;
  readonly isReady: () => Promise<boolean>;
  readonly readyWithinMs: number;
  /** The one command that installs the program where it is missing. */
  readonly remedy: string;
}

/** Where a daemon writes what it says. */
export function daemonLog(name: string): string {
  return join(stateDirectory(), `${name}.log`);
}

/** The daemon of this name that the stack started, now or from another process, and that runs. */
export function findDaemon(name: string): ProcessIdentity | undefined {
  let text: string;
  try {
    text = readFileSync(recordFile(name), 'utf8');
  } catch {
    return undefined;
  }
  const record = processIdentitySchema.safeParse(parseJson(text));
  return record.success && isRunning(record.data) ? record.data : undefined;
}

/**
 * Starts a daemon in a session of its own, so that it outlives this process and its terminal, and
 * waits until it serves.
 *
 * @throws Error with the end of its log when it ends or is not ready in time (it is ended then).
 */
export async function startDaemon(spec: DaemonSpec): Promise<ProcessIdentity> {
  mkdirSync(stateDirectory(), { recursive: true, mode: 0o700 });
  const child = await launch(spec);
  const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
  if (identity === undefined) throw failedToStart(spec, 'ended at once');
  writeRecord(spec.name, identity);
  const deadline = Date.now() + spec.readyWithinMs;
  while (!(await spec.isReady())) {
    if (!isRunning(identity)) throw failedToStart(spec, 'ended before it was ready');
    if (Date.now() > deadline) {
      await stopDaemon(spec.name, { signal: 'SIGTERM', withinMs: 10_000 });
      throw failedToStart(spec, `was not ready after ${spec.readyWithinMs} ms`);
    }
    await sleep(POLL_MS);
  }
  return identity;
}

/**
 * Ends the daemon of this name if the stack started it, and waits until it is gone; after
 * `withinMs` it is killed. Returns whether there was one to end.
 */
export async function stopDaemon(
  name: string,
  how: { signal: 'SIGTERM' | 'SIGKILL'; withinMs: number },
): Promise<boolean> {
  const identity = findDaemon(name);
  if (identity !== undefined) {
    process.kill(identity.pid, how.signal);
    if (!(await isGone(identity, how.withinMs))) {
      process.kill(identity.pid, 'SIGKILL');
      if (!(await isGone(identity, Math.max(how.withinMs, KILLED_MS)))) {
        throw new Error(`${name} (process ${identity.pid}) is still there after SIGKILL`);
      }
    }
  }
  rmSync(recordFile(name), { force: true });
  return identity !== undefined;
}

async function isGone(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isRunning(identity)) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

function launch(spec: DaemonSpec): Promise<ChildProcess> {
  const log = openLog(spec.name);
  return new Promise<ChildProcess>((resolve, reject) => {
    const child = spawn(spec.program, spec.args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...spec.env },
      cwd: '/',
    });
    child.once('spawn', () => {
      child.unref();
      resolve(child);
    });
    child.once('error', (cause) =>
      reject(new Error(`${spec.program} cannot be started: ${spec.remedy}`, { cause })),
    );
  }).finally(() => closeSync(log));
}

function openLog(name: string): number {
  const file = daemonLog(name);
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_KEPT_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

function failedToStart(spec: DaemonSpec, how: string): Error {
  const file = daemonLog(spec.name);
  const end = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  return new Error(`${spec.name} ${how}; the end of ${file}:\n${end}`);
}

function recordFile(name: string): string {
  return join(stateDirectory(), `${name}.json`);
}

function writeRecord(name: string, identity: ProcessIdentity): void {
  const partial = `${recordFile(name)}.partial`;
  writeFileSync(partial, `${JSON.stringify(identity)}\n`, { mode: 0o600 });
  renameSync(partial, recordFile(name));
}

/** A record cut short by a full disk is as good as none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
