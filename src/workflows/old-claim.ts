/** What a run that was closed from outside (terminated, reset) left behind: it may only be unwound. */
import type { Plan } from '../domain/plan.ts';
import type { Claim } from '../domain/target.ts';
import { failedBy } from './failures.ts';
import type { Run } from './run.ts';

/**
 * Takes the old claim over when its run is closed, and turns this operation back to the claim's old version.
 * Answers false when there is none, or when it may not be touched (the state's reasons say why).
 */
export async function turnBackOldClaim(run: Run): Promise<boolean> {
  const { state, site } = run;
  const { deployment } = state;
  if (!deployment || !site || run.tookOver) return false;
  try {
    const taken = await site.do((act) => act.takeOver({ deployment }));
    if (!taken) return false;
    const { claim, engineId, machineId } = taken;
    run.tookOver = true;
    state.plan = planOf(claim, { engineId, machineId }, deployment.fileDigest);
    state.from = claim.fromVersion;
    state.to = claim.toVersion;
    state.claimed = true;
    state.swapped = true;
    run.swappedAt ??= claim.startedAt;
    run.done.add('claim');
    state.goal = 'back';
    state.reasons = [
      {
        code: 'unfinished-operation',
        message: `An earlier ${claim.operation} ${claim.fromVersion} → ${claim.toVersion} (since ${claim.startedAt}) was closed from outside in the middle`,
        remedy: `It was taken back to ${claim.fromVersion}; start the wanted operation again`,
      },
    ];
    state.say(`taking back what a closed run left: ${claim.toVersion} → ${claim.fromVersion}`);
    return true;
  } catch (error) {
    state.reasons = failedBy(error).reasons;
    return false;
  }
}

/** The claim carries what a way back needs; the rest of a plan has no meaning for it. */
function planOf(
  claim: Claim,
  identity: Pick<Plan, 'engineId' | 'machineId'>,
  fileDigest: string,
): Plan {
  return {
    ...identity,
    deployment: claim.deployment,
    operation: claim.operation,
    fileDigest,
    fromVersion: claim.fromVersion,
    toVersion: claim.toVersion,
    fromPins: claim.fromPins,
    toPins: claim.toPins,
    ...(claim.fromPoint && { fromPoint: claim.fromPoint }),
    ...(claim.toPoint && { toPoint: claim.toPoint }),
    source: { from: 'registry' },
    changes: [],
    steps: [],
    backup: { take: false, why: 'a way back takes no backup' },
    migrations: { kind: 'unknown', note: 'not looked at on a way back' },
    notes: [`made from the claim of the closed run ${claim.runId}`],
    estimates: { transferBytes: 0, downtimeMs: 0 },
    digest: claim.planDigest,
  };
}
