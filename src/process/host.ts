/**
 * Which machine, and which process space on it, this is: a process ID means something there only.
 */
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** The same for every process that can see this one; another after a reboot, and in another container. */
export async function processHost(): Promise<string> {
  const [boot, space] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ]);
  return `${hostname()} ${boot.trim()} ${space}`;
}
