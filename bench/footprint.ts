/** What a process costs, from /proc. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustRun } from '../scripts/stack/site.ts';

/** The most memory that a process ever had resident, in bytes, as the kernel keeps it. */
export async function peakRssBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`/proc/${pid}/status names no VmHWM`);
  return Number(kib) * 1024;
}

/** Processor time that some processes together use while `forMs` passes, in percent of one core. */
export async function cpuPercent(pids: readonly number[], forMs: number): Promise<number> {
  const ticksPerSecond = Number(await mustRun(['getconf', 'CLK_TCK']));
  const startedMs = performance.now();
  const before = await cpuTicks(pids);
  await sleep(forMs);
  const ticks = (await cpuTicks(pids)) - before;
  const seconds = (performance.now() - startedMs) / 1000;
  return (ticks / ticksPerSecond / seconds) * 100;
}

async function cpuTicks(pids: readonly number[]): Promise<number> {
  let ticks = 0;
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may itself hold spaces: count behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks;
}
