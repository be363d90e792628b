/**
 * Servers that a killed `belay up` left behind. Two servers on one database would corrupt it, so they are found by
 * what they do, not by what was written down: a kill may come between a start and a note of it.
 */
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedChild } from '../domain/target.ts';
import { isAlive, startTicks } from '../process/run.ts';
import { DATABASE_FLAG } from './server-argv.ts';

const TERM_PATIENCE_MS = 8_000;
const POLL_MS = 50;

/** Processes of this machine that serve the database `file`. */
export async function findServers(file: string): Promise<RecordedChild[]> {
  const entries = await readdir('/proc').catch(() => []);
  const found = await Promise.all(
    entries
      .filter((entry) => /^\d+$/.test(entry))
      .map(async (entry) => {
        const text = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
        const argv = text.split('\0');
        const at = argv.indexOf(DATABASE_FLAG);
        if (at < 0 || argv[at + 1] !== file || !argv.includes('start-dev')) return [];
        const ticks = await startTicks(Number(entry));
        return ticks === undefined
          ? []
          : [{ pgid: Number(entry), startTicks: ticks, program: 'temporal' }];
      }),
  );
  return found.flat();
}

/** Ends one process: SIGTERM, after 8 s SIGKILL; returns when it is gone. Gone already is fine. */
export async function endProcess(
  child: RecordedChild,
  patienceMs: number = TERM_PATIENCE_MS,
): Promise<void> {
  await signalIfAlive(child, 'SIGTERM');
  if (await isGoneWithin(child, patienceMs)) return;
  await signalIfAlive(child, 'SIGKILL');
  await isGoneWithin(child, patienceMs);
}

async function signalIfAlive(child: RecordedChild, signal: NodeJS.Signals): Promise<void> {
  if (!(await isAlive(child))) return;
  try {
    process.kill(child.pgid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function isGoneWithin(child: RecordedChild, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (await isAlive(child)) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}
