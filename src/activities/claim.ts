/** Writes the operation's claim beside the deployment, before its first change. */
import type { Claim } from '../domain/target.ts';
import type { ActInput } from './acting.ts';
import { verifyIdentity } from './acting.ts';
import { act } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { exclusively } from './exclusive.ts';

/** Input of {@link claim}. */
export interface ClaimInput extends ActInput {
  /** ISO time of the operation's start. */
  readonly startedAt: string;
}

/** Ensure-shaped: our own claim lying there already is fine; another's is a failure of fault `claim`. */
export function claim(deps: ActivityDeps, input: ClaimInput): Promise<void> {
  const { deployment, plan, startedAt } = input;
  return act(deployment.patienceMs, (context) =>
    exclusively(deployment.name, async () => {
      const target = deps.target(deployment);
      await verifyIdentity(target, deployment, plan);
      await target.claim({
        deployment: deployment.name,
        operation: plan.operation,
        engine: deps.temporal.engine,
        workflowId: context.workflowId,
        runId: context.runId,
        planDigest: plan.digest,
        fromVersion: plan.fromVersion,
        toVersion: plan.toVersion,
        fromPins: plan.fromPins,
        toPins: plan.toPins,
        ...(plan.fromPoint && { fromPoint: plan.fromPoint }),
        ...(plan.toPoint && { toPoint: plan.toPoint }),
        startedAt,
        children: [],
      } satisfies Claim);
    }),
  );
}
