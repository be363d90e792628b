import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const EMPTY_WITHIN_MS = 15_000;
const POLL_MS = 100;

/** Where control groups are mounted: one place (v2), or one for each controller (v1). */
export function cgroupMounts(mountinfo: string): readonly string[] {
  const lines = mountinfo.split('\n').map((line) => line.split(' - '));
  return lines.flatMap(([before = '', after = '']) => {
    const place = before.split(' ')[4];
    const isCgroup = /^cgroup2? /.test(after);
    return isCgroup && place !== undefined ? [place] : [];
  });
}

/** Makes the group under which all pods of the cluster are; the kubelet wants to find it. */
export function makeCgroup(name: string): void {
  for (const mount of mounts()) mkdirSync(join(mount, name), { recursive: true });
}

/**
 * Removes the group with all groups in it, waiting for processes that are still ending.
 *
 * @throws Error when some process in it does not end: it would be of a cluster that still runs.
 */
export async function removeCgroup(name: string): Promise<void> {
  const deadline = Date.now() + EMPTY_WITHIN_MS;
  for (const mount of mounts()) {
    while (!removeTree(join(mount, name))) {
      if (Date.now() > deadline) throw new Error(`processes are left in ${join(mount, name)}`);
      await sleep(POLL_MS);
    }
  }
}

function mounts(): readonly string[] {
  return cgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** Deepest first: a group can be removed only when none is in it. Whether all are gone. */
function removeTree(directory: string): boolean {
  if (statSync(directory, { throwIfNoEntry: false }) === undefined) return true;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory() && !removeTree(join(directory, entry.name))) return false;
  }
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}
