/**
 * Commands for a component, or for a neighbour of the application: inside a pod that runs, or in one of their own.
 */
import type { ActContext, Output, RunOptions } from '../domain/act.ts';
import type { NeighbourSettings } from '../domain/deployment.ts';
import { failure } from '../domain/errors.ts';
import type { Cluster } from './cluster.ts';
import { runInside } from './exec.ts';
import { partsOf } from './instances.ts';
import { lookAt, type ComponentWorkload, type ComponentWorkloads } from './look.ts';
import { runOneOff } from './one-off.ts';
import { readWorkloads, showRef } from './workloads.ts';

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
  const places = await findPlaces(cluster, surroundings, component);
  if (where === 'one-off') {
    const { ref, containers } = places[0];
    const [container = ''] = containers;
    const [workload] = await readWorkloads(cluster, [ref]);
    const template = workload?.template ?? {};
    const name = `${surroundings.owner}-${component}`;
    return runOneOff(cluster, { name, template, container }, argv, options, context);
  }
  const { instances } = await lookAt(cluster, { [component]: places });
  const running = instances[component]?.find(
    ({ id, state }) =>
      state === 'running' && (options.instance === undefined || id === options.instance),
  );
  if (running) {
    const { container } = partsOf(running.id);
    return runInside(cluster, { pod: running.name, container }, argv, options, context);
  }
  throw failure(
    'release',
    'not-running',
    `No pod of ${component} (${places.map(({ ref }) => showRef(ref)).join(', ')}) is running, so nothing can be run inside it`,
    `See why: kubectl describe pods --namespace ${cluster.namespace}`,
  );
}

/** Where a component or neighbour runs: at least one place. */
type Places = readonly [ComponentWorkload, ...ComponentWorkload[]];

async function findPlaces(
  cluster: Cluster,
  { owner, places, neighbours }: Surroundings,
  component: string,
): Promise<Places> {
  const [first, ...others] = Object.hasOwn(places, component) ? (places[component] ?? []) : [];
  if (first) return [first, ...others];
  const neighbour = Object.hasOwn(neighbours, component) ? neighbours[component] : undefined;
  if (!neighbour)
    throw failure(
      'request',
      'component-missing',
      `${owner} has no component or neighbour "${component}"`,
      'Name it in the deployment file, under target components or neighbours',
    );
  const ref = { kind: neighbour.kind, name: neighbour.name };
  if (neighbour.container !== undefined) return [{ ref, containers: [neighbour.container] }];
  const [workload] = await readWorkloads(cluster, [ref]);
  return [{ ref, containers: [workload?.template.spec?.containers[0]?.name ?? ''] }];
}
