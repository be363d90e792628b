/**
 * A StatefulSet that was reverted waits for its broken pod to become ready before it replaces it, which never happens:
 * the pods of the failed template are deleted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Pod } from '@kubernetes/client-node';
import { found } from './failures.ts';
import type { Cluster } from './cluster.ts';
import { isReady, podsOf } from './instances.ts';
import { readWorkloads, showRef, type Workload, type WorkloadRef } from './workloads.ts';

const POLL_MS = 300;
/** A controller takes a change up within a second, or it is not there (ms): watching says so then. */
const TAKEN_UP_MS = 15_000;

/** Deletes the pods that are not of the newest template and not ready; answers their names. */
export async function unstick(
  cluster: Cluster,
  refs: readonly WorkloadRef[],
  signal?: AbortSignal,
): Promise<string[]> {
  const sets = refs.filter(({ kind }) => kind === 'StatefulSet');
  if (sets.length === 0) return [];
  const workloads = await untilTakenUp(cluster, sets, signal);
  const pods = await podsOf(cluster, workloads);
  const { core, namespace } = cluster;
  const names = workloads
    .flatMap((workload) => stuckPods(workload, pods.get(showRef(workload.ref)) ?? []))
    .map(({ metadata }) => metadata?.name ?? '');
  for (const name of names)
    await found(`deleting the stuck pod ${name}`, core.deleteNamespacedPod({ name, namespace }));
  return names;
}

/** Until then the status names the failed template as the newest, and its pods as those to keep. */
async function untilTakenUp(
  cluster: Cluster,
  sets: readonly WorkloadRef[],
  signal: AbortSignal | undefined,
): Promise<Workload[]> {
  const deadline = Date.now() + TAKEN_UP_MS;
  for (;;) {
    const workloads = await readWorkloads(cluster, sets);
    if (workloads.every(({ observed }) => observed) || Date.now() > deadline) return workloads;
    await sleep(POLL_MS, undefined, signal && { signal });
  }
}

/** Exported for its test. */
export function stuckPods(
  { observed, newest }: Pick<Workload, 'observed' | 'newest'>,
  pods: readonly V1Pod[],
): V1Pod[] {
  if (!observed || newest === undefined) return [];
  return pods.filter(
    (pod) => pod.metadata?.labels?.[newest.label] !== newest.value && !isReady(pod),
  );
}
