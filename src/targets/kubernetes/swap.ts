/**
 * Makes the workloads equal the goal, whatever it finds. The way back is the same act.
 */
import type { ActContext } from '../../domain/act.ts';
import type { Goal, Observed } from '../../domain/target.ts';
import { rolloutGoal } from '../../cluster/place-images.ts';
import { watchRollout } from '../../cluster/rollout/watch-rollout.ts';
import { unstick } from '../../cluster/unstick.ts';
import { showRef } from '../../cluster/workloads.ts';
import { declaredOf, findWorkloads } from './find-workloads.ts';
import { observe } from './observe.ts';
import type { Scope } from './scope.ts';
import { applyImages, putTemplate } from './write.ts';
import { plannedWrites } from './writes.ts';

/** Under the claim of `runId`; see `Target.swap`. */
export async function swap(
  scope: Scope,
  goal: Goal,
  runId: string,
  context: ActContext,
): Promise<Observed> {
  await scope.claims().check(runId);
  const cluster = scope.cluster();
  const found = await findWorkloads(scope);
  for (const { ref, workload, before, after, template } of await plannedWrites(
    scope,
    found,
    goal,
  )) {
    context.signal.throwIfAborted();
    context.progress({ step: 'swap', detail: showRef(ref) });
    if (template) await putTemplate(cluster, ref, template);
    else {
      const changed = Object.entries(after).filter(([name, image]) => before[name] !== image);
      await applyImages(cluster, workload, Object.fromEntries(changed));
    }
  }
  const refs = found.workloads.map(({ ref }) => ref);
  if (goal.point) await unstick(cluster, refs);
  const now = await findWorkloads(scope);
  const workloads = rolloutGoal(now.workloads.map(declaredOf), now.places, goal.pins);
  await watchRollout(cluster, workloads, scope.settings.rollout, context);
  return observe(scope);
}
