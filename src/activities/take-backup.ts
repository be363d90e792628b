/** Takes and proves the backup; notes it in the claim. */
import { stampOf } from '../domain/record.ts';
import type { BackupResult } from '../domain/operation.ts';
import { acting, type ActInput } from './acting.ts';
import type { ActivityDeps } from './deps.ts';

/** Input of {@link takeBackup}. */
export interface BackupInput extends ActInput {
  readonly startedAt: string;
}

/** Ensure-shaped: the proven backup of this very run is returned when it is there. */
export function takeBackup(
  deps: ActivityDeps,
  input: BackupInput,
): Promise<BackupResult | undefined> {
  const { deployment, plan, startedAt } = input;
  return acting(deps, input, async (target, context) => {
    const backup = deps.backup(deployment, target);
    if (!backup) return undefined;
    const result = await backup.take(
      {
        version: plan.fromVersion,
        stamp: stampOf(startedAt),
        runId: context.runId,
      },
      context,
    );
    await target.noteBackup(context.runId, result.file);
    return result;
  });
}
