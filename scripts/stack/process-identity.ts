import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A process and proof that it is that one: numbers are reused, also after a reboot. */
export const processIdentitySchema = z.object({
  pid: z.int().positive(),
  /** Clock ticks from boot to the start of the process (field 22 of /proc/PID/stat). */
  startTicks: z.string(),
  bootId: z.string(),
});

export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** Who runs under this number now; nothing when nobody does, or only a zombie. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const bootId = readIfThere('/proc/sys/kernel/random/boot_id')?.trim();
  if (stat === undefined || bootId === undefined) return undefined;
  // The program's name stands in brackets and may hold spaces and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startTicks = fields[19];
  if (state === 'Z' || state === 'X' || startTicks === undefined) return undefined;
  return { pid, startTicks, bootId };
}

/** Whether the very process that was identified still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const now = identifyProcess(identity.pid);
  return now?.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** A process that ends while /proc is read answers ESRCH in the middle of the read. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
