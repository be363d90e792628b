/**
 * Hooks that a way back runs. Helm runs those of the revision that is gone back to, all or none.
 */
import { helmFailure } from './failures.ts';
import { parseManifest, showObject } from './objects.ts';
import type { Scope } from './scope.ts';

/** What a rollback to `revision` runs beside it: `Job/undo (pre-rollback)`. */
export async function rollbackHooks(
  { helm, settings }: Scope,
  revision: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const args = ['get', 'hooks', settings.release, '--revision', String(revision)];
  const finished = await helm.read(args, { signal });
  if (finished.exitCode !== 0)
    throw helmFailure(finished, `reading the hooks of revision ${revision}`);
  return hooksOfRollback(finished.stdout);
}

/** Those of a manifest of hooks that a rollback runs. Pure. */
export function hooksOfRollback(manifest: string): readonly string[] {
  return parseManifest(manifest).flatMap((hook) => {
    const events = (hook.annotations['helm.sh/hook'] ?? '')
      .split(',')
      .map((event) => event.trim())
      .filter((event) => event === 'pre-rollback' || event === 'post-rollback');
    return events.length === 0 ? [] : [`${showObject(hook)} (${events.join(', ')})`];
  });
}
