/**
 * Retention: the newest backups of one deployment are kept, the older ones go.
 */
import { listBackups, manifestPath, type StoredBackup } from './manifest.ts';
import { removeIfThere } from './leftovers.ts';

/** What retention would remove: all but the newest `keep` (at least one), and never `proven`. */
export function selectSurplus(
  backups: readonly StoredBackup[],
  keep: number,
  proven: string,
): readonly StoredBackup[] {
  return [...backups]
    .sort((a, b) => b.manifest.takenAt.localeCompare(a.manifest.takenAt))
    .slice(Math.max(1, Math.trunc(keep)))
    .filter(({ path }) => path !== proven);
}

/**
 * Removes the surplus after `proven` was proven. Only what a manifest says is this deployment's is touched.
 *
 * @returns the backups that were removed (absolute paths).
 */
export async function prune(
  directory: string,
  deployment: string,
  keep: number,
  proven: string,
): Promise<string[]> {
  const removed: string[] = [];
  for (const { path } of selectSurplus(await listBackups(directory, deployment), keep, proven)) {
    // The backup first: a kill in between then leaves a small manifest, not a large file that is nobody's.
    await removeIfThere(path);
    await removeIfThere(manifestPath(path));
    removed.push(path);
  }
  return removed;
}
