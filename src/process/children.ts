/**
 * Programs that an earlier attempt left behind: found by the claim's record and by a mark in their environment.
 */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedChild } from '../domain/target.ts';
import { isAlive, signalGroup, startTicks } from './run.ts';

/** Environment variable that every changing program of belay's carries; its value names what it changes (a project's folder, a release). */
export const MARK = 'BELAY_PROJECT';

/** A left program. */
interface Left {
  readonly alive: () => Promise<boolean>;
  readonly signal: (name: NodeJS.Signals) => void;
}

const WAIT_MS = 20_000;
const TERM_MS = 5_000;
const POLL_MS = 100;
const QUIET_MS = 1_000;

/**
 * Waits up to 20 s for the programs to end by themselves (a `docker compose up` of ours is best let finish), then
 * ends them: TERM, after 5 s KILL.
 */
export async function settlePrograms(
  children: readonly RecordedChild[],
  mark: string,
  signal: AbortSignal,
  waitMs = WAIT_MS,
): Promise<void> {
  const left = [...children.map(recorded), ...(await findMarked(mark))];
  if (await allGone(left, waitMs, signal)) return;
  await signalLiving(left, 'SIGTERM');
  if (await allGone(left, TERM_MS, signal)) return;
  await signalLiving(left, 'SIGKILL');
  await allGone(left, TERM_MS, signal);
}

/**
 * Ends every program that carries `variable=value`, at once, and sees it gone: for what outlives its client. A start
 * that was under way when the client went may come a moment later, so it looks until a second has shown none.
 */
export async function endMarked(variable: string, value: string): Promise<void> {
  const never = new AbortController().signal;
  const deadline = Date.now() + TERM_MS;
  for (let quietMs = 0; quietMs < QUIET_MS && Date.now() < deadline; quietMs += POLL_MS) {
    const left = await findMarked(value, variable);
    if (left.length > 0) quietMs = 0;
    await signalLiving(left, 'SIGKILL');
    await allGone(left, TERM_MS, never);
    await sleep(POLL_MS);
  }
}

/** Only what is alive: the number of a dead one may belong to a stranger by now. */
async function signalLiving(left: readonly Left[], name: NodeJS.Signals): Promise<void> {
  for (const program of left) if (await program.alive()) program.signal(name);
}

async function allGone(
  left: readonly Left[],
  withinMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const alive = await Promise.all(left.map((program) => program.alive()));
    if (!alive.includes(true)) return true;
    if (Date.now() >= deadline) return false;
    await sleep(POLL_MS, undefined, { signal });
  }
}

function recorded(child: RecordedChild): Left {
  return {
    alive: () => isAlive(child),
    signal: (name) => signalGroup(child.pgid, name),
  };
}

/** Processes whose environment has the mark; those of other users can't be read and are not ours. */
async function findMarked(value: string, variable = MARK): Promise<readonly Left[]> {
  const wanted = Buffer.from(`${variable}=${value}\0`);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      if (pid === process.pid) return [];
      const environment = await readFile(`/proc/${pid}/environ`).catch(() => undefined);
      if (!environment || !hasVariable(environment, wanted)) return [];
      const ticks = await startTicks(pid);
      return ticks === undefined ? [] : [marked(pid, ticks)];
    }),
  );
  return found.flat();
}

function hasVariable(environment: Buffer, wanted: Buffer): boolean {
  const at = environment.indexOf(wanted);
  return at === 0 || (at > 0 && environment[at - 1] === 0);
}

function marked(pid: number, ticks: string): Left {
  const alive = async () => (await startTicks(pid)) === ticks;
  return {
    alive,
    signal: (name) => {
      try {
        process.kill(pid, name);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        // Gone already, or inside a container whose processes we may not signal.
        if (code !== 'ESRCH' && code !== 'EPERM') throw error;
      }
    },
  };
}
