/**
 * A StatefulSet that was reverted waits for its broken pod to become ready before it replaces it, which never happens:
 * the pods of the failed template are deleted.
 */
import { found } from './failures.ts';
import type { Cluster } from './cluster.ts';
import { podsOf } from './instances.ts';
import { readWorkloads, showRef, type WorkloadRef } from './workloads.ts';

/** Deletes the pods that are not of the newest template and not ready; answers their names. */
export async function unstick(cluster: Cluster, refs: readonly WorkloadRef[]): Promise<string[]> {
  const sets = refs.filter(({ kind }) => kind === 'StatefulSet');
  if (sets.length === 0) return [];
  const workloads = await readWorkloads(cluster, sets);
  const pods = await podsOf(cluster, workloads);
  const stuck = workloads.flatMap(({ ref, newest }) =>
    (pods.get(showRef(ref)) ?? []).filter(
      (pod) =>
        newest !== undefined &&
        pod.metadata?.labels?.[newest.label] !== newest.value &&
        !pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    ),
  );
  const { core, namespace } = cluster;
  const names = stuck.map(({ metadata }) => metadata?.name ?? '');
  for (const name of names)
    await found(`deleting the stuck pod ${name}`, core.deleteNamespacedPod({ name, namespace }));
  return names;
}
