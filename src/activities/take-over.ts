/** Takes over the claim of a run that is closed (terminated, reset), so that what it left can be unwound. */
import type { Deployment } from '../domain/deployment.ts';
import { failure } from '../domain/errors.ts';
import type { Claim } from '../domain/target.ts';
import { act } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { exclusively } from './exclusive.ts';

/** A claim that is ours from now on, and where it lies. */
export interface TakenOver {
  readonly claim: Claim;
  readonly engineId: string;
  readonly machineId: string;
}

/**
 * The claim that is ours from now on; its pins say what to go back to. `undefined` when no claim lies there.
 * Throws `claim` when its run is open, or of an engine that can't be asked here: then nothing may be touched.
 */
export function takeOver(
  deps: ActivityDeps,
  { deployment }: { readonly deployment: Deployment },
): Promise<TakenOver | undefined> {
  return act(deployment.patienceMs, (context) =>
    exclusively(deployment.name, async () => {
      const target = deps.target(deployment);
      const found = await target.readClaim();
      if (!found) return undefined;
      const identity = await target.identity();
      if (found.runId === context.runId) return { claim: found, ...identity };
      await verifyClosed(deps, found);
      // Its programs may have outlived its worker: nothing may run under the old claim any more.
      await target.settleChildren(found.children, context);
      return { claim: await target.takeOverClaim(found, context.runId), ...identity };
    }),
  );
}

async function verifyClosed(deps: ActivityDeps, found: Claim): Promise<void> {
  const who = `${found.operation} ${found.fromVersion} → ${found.toVersion} of ${found.deployment} (run ${found.runId}, since ${found.startedAt})`;
  if (found.engine !== deps.temporal.engine) {
    throw failure(
      'claim',
      'claim-of-other-engine',
      `The claim of ${who} belongs to the engine ${found.engine}, which can't be asked from ${deps.temporal.engine}`,
      `End that operation where it runs; if that engine is gone for good, look at what runs, then remove the claim file by hand`,
    );
  }
  if (await deps.temporal.isOpen(found.workflowId, found.runId)) {
    throw failure(
      'claim',
      'operation-open',
      `Another operation is open: ${who}`,
      `Wait for it, or see \`belay status ${found.deployment}\``,
    );
  }
}
