/**
 * The frame of every act that changes something: identity verified, claim ours, one at a time.
 */
import type { Deployment } from '../domain/deployment.ts';
import { failure } from '../domain/errors.ts';
import type { Plan } from '../domain/plan.ts';
import type { Target } from '../targets/target.ts';
import { act, type Act } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { exclusively } from './exclusive.ts';

/** The input of every act: the deployment as it was loaded, and the plan. */
export interface ActInput {
  readonly deployment: Deployment;
  readonly plan: Plan;
}

/** Runs `body` as an act of this operation: on the planned machine, under our own claim. */
export function acting<Result, Memory = never>(
  deps: ActivityDeps,
  { deployment, plan }: ActInput,
  body: (target: Target, context: Act<Memory>) => Promise<Result>,
): Promise<Result> {
  return act<Result, Memory>(deployment.patienceMs, (context) =>
    exclusively(deployment.name, async () => {
      const target = deps.target(deployment);
      await verifyIdentity(target, deployment, plan);
      await target.checkClaim(context.runId);
      return body(target, context);
    }),
  );
}

/** Refuses to act on another machine or engine than the plan was made for. */
export async function verifyIdentity(
  target: Target,
  deployment: Deployment,
  plan: Pick<Plan, 'engineId' | 'machineId'>,
): Promise<void> {
  const { engineId, machineId } = await target.identity();
  if (engineId === plan.engineId && machineId === plan.machineId) return;
  throw failure(
    'claim',
    'other-machine',
    `${deployment.name} was planned on engine ${plan.engineId} of machine ${plan.machineId}, but this worker of site ${deployment.site} reaches engine ${engineId} of machine ${machineId}`,
    `Let only one machine serve the site "${deployment.site}", then retry`,
  );
}
