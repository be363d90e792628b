/**
 * Commands for a component, or for a neighbour of the application: inside a pod that runs, or in one of their own.
 */
import type { ActContext, Output, RunOptions } from '../domain/act.ts';
import type { NeighbourSettings } from '../domain/deployment.ts';
import { failure } from '../domain/errors.ts';
import type { Cluster } from './cluster.ts';
import { runInside } from './exec.ts';
import { lookAt, type ComponentWorkloads } from './look.ts';
import { runOneOff } from './one-off.ts';
import { readWorkloads, showRef, type WorkloadRef } from './workloads.ts';

/** Where commands can be run. */
export interface Surroundings {
  /** The release, or whatever the workloads belong to: names one-off Jobs. */
  readonly owner: string;
  readonly places: ComponentWorkloads;
  readonly neighbours: Readonly<Record<string, NeighbourSettings>>;
}

/** See `Target.run`. */
export async function runBeside(
  cluster: Cluster,
  surroundings: Surroundings,
  component: string,
  argv: readonly string[],
  where: 'inside' | 'one-off',
  options: RunOptions,
  context: ActContext,
): Promise<Output> {
  const { ref, container } = await findPlace(cluster, surroundings, component);
  if (where === 'one-off') {
    const [workload] = await readWorkloads(cluster, [ref]);
    const template = workload?.template ?? {};
    const name = `${surroundings.owner}-${component}`;
    return runOneOff(cluster, { name, template, container }, argv, options, context);
  }
  const { instances } = await lookAt(cluster, { [component]: [{ ref, containers: [container] }] });
  const running = instances[component]?.find(
    ({ id, state }) =>
      state === 'running' && (options.instance === undefined || id === options.instance),
  );
  if (running) return runInside(cluster, { pod: running.name, container }, argv, options, context);
  throw failure(
    'release',
    'not-running',
    `No pod of ${component} (${showRef(ref)}) is running, so nothing can be run inside it`,
    `See why: kubectl describe pods --namespace ${cluster.namespace}`,
  );
}

interface Place {
  readonly ref: WorkloadRef;
  readonly container: string;
}

async function findPlace(
  cluster: Cluster,
  { owner, places, neighbours }: Surroundings,
  component: string,
): Promise<Place> {
  const place = Object.hasOwn(places, component) ? places[component]?.[0] : undefined;
  const container = place?.containers[0];
  if (place && container !== undefined) return { ref: place.ref, container };
  const neighbour = Object.hasOwn(neighbours, component) ? neighbours[component] : undefined;
  if (!neighbour)
    throw failure(
      'request',
      'component-missing',
      `${owner} has no component or neighbour "${component}"`,
      'Name it in the deployment file, under target components or neighbours',
    );
  const ref = { kind: neighbour.kind, name: neighbour.name };
  if (neighbour.container !== undefined) return { ref, container: neighbour.container };
  const [workload] = await readWorkloads(cluster, [ref]);
  return { ref, container: workload?.template.spec?.containers[0]?.name ?? '' };
}
