/**
 * A quick look at what runs.
 */
import type { Instance, Look } from '../domain/target.ts';
import type { Cluster } from './cluster.ts';
import { instanceOf, podsOf } from './instances.ts';
import { readWorkloads, showRef, type WorkloadRef } from './workloads.ts';

/** Where a component runs: a workload, and the containers in it that have the component's image. */
export interface ComponentWorkload {
  readonly ref: WorkloadRef;
  readonly containers: readonly string[];
}

/** component → where it runs. */
export type ComponentWorkloads = Readonly<Record<string, readonly ComponentWorkload[]>>;

/** Every workload once. */
export function refsOf(components: ComponentWorkloads): WorkloadRef[] {
  const all = Object.values(components).flatMap((places) => places.map(({ ref }) => ref));
  return [...new Map(all.map((ref) => [showRef(ref), ref])).values()];
}

/** At most four requests: one per kind of workload, the pods, the replica sets. */
export async function lookAt(cluster: Cluster, components: ComponentWorkloads): Promise<Look> {
  const workloads = await readWorkloads(cluster, refsOf(components));
  const pods = await podsOf(cluster, workloads);
  return {
    instances: Object.fromEntries(
      Object.entries(components).map(([component, places]) => [
        component,
        places.flatMap(({ ref, containers }): Instance[] =>
          (pods.get(showRef(ref)) ?? []).flatMap((pod) =>
            containers.map((container) => instanceOf(pod, container)),
          ),
        ),
      ]),
    ),
  };
}
