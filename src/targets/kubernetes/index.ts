/**
 * The Kubernetes target: Deployments, StatefulSets and DaemonSets without Helm.
 */
import type { KubernetesSettings } from '../../domain/deployment.ts';
import { collectCluster } from '../../cluster/collect.ts';
import { currentPins } from '../../cluster/current-pins.ts';
import { fetchImages, locateImages } from '../../cluster/fetch.ts';
import { identity } from '../../cluster/identity.ts';
import { lookAt, type ComponentWorkloads } from '../../cluster/look.ts';
import { reach } from '../../cluster/reach.ts';
import { runBeside } from '../../cluster/run-beside.ts';
import { startWorkloads, stopWorkloads } from '../../cluster/scale.ts';
import type { Target } from '../target.ts';
import { findWorkloads } from './find-workloads.ts';
import { observe, revisions } from './observe.ts';
import { preview } from './preview.ts';
import { createScope, type Components, type KubernetesDeps, type Scope } from './scope.ts';
import { swap } from './swap.ts';

/** Makes the target; nothing is read or asked before its methods are called. */
export function createKubernetesTarget(
  settings: KubernetesSettings,
  components: Components,
  deps: KubernetesDeps = {},
): Target {
  const scope = createScope(settings, components, deps);
  const { environment, owner } = scope;
  const { importCommand } = settings;
  const way = { environment, ...(importCommand && { importCommand }) };
  const cluster = () => scope.cluster();
  const claims = () => scope.claims();
  const places = rememberedPlaces(scope);
  const refs = async () => (await findWorkloads(scope)).workloads.map(({ ref }) => ref);
  return {
    identity: () => identity(cluster()),
    observe: () => observe(scope),
    look: async () => lookAt(cluster(), await places.now()),
    locate: (wanted, source, context) => locateImages(cluster(), wanted, source, way, context),
    currentPins: (observed) => Promise.resolve(currentPins(Object.keys(components), observed)),
    preview: (goal) => preview(scope, goal),
    revisions: () => revisions(scope),
    localReferences: async () =>
      (await revisions(scope)).flatMap(({ references }) => Object.values(references)),
    // The nodes' disks can't be seen from here.
    freeImageBytes: () => Promise.resolve(undefined),
    fetch: (pins, source, _keep, context) => fetchImages(cluster(), pins, source, way, context),
    claim: (claim) => claims().claim(claim),
    readClaim: () => claims().read(),
    checkClaim: async (runId) => {
      await claims().check(runId);
    },
    takeOverClaim: (from, runId) => claims().takeOver(from, runId),
    releaseClaim: (runId) => claims().release(runId),
    noteBackup: (runId, file) => claims().noteBackup(runId, file),
    swap: (goal, runId, context) => swap(scope, goal, runId, context),
    stop: async (runId, context) => {
      await claims().check(runId);
      await stopWorkloads(cluster(), await refs(), context);
    },
    start: async (runId, context) => {
      await claims().check(runId);
      await startWorkloads(cluster(), await refs(), context);
    },
    // Every write is one request: nothing outlives its worker.
    settleChildren: () => Promise.resolve(),
    run: async (component, argv, where, options, context) => {
      const { places } = await findWorkloads(scope);
      const surroundings = { owner, places, neighbours: settings.neighbours };
      return runBeside(cluster(), surroundings, component, argv, where, options, context);
    },
    reach: (url, options) => reach(cluster(), url, options),
    variable: () => Promise.resolve(undefined),
    collect: async (directory, context) =>
      collectCluster(cluster(), await refs(), directory, context),
  } satisfies Target;
}

/** How long the places are taken for known (ms): the gate looks every half second, and each look would list every kind. */
const KNOWN_MS = 10_000;

function rememberedPlaces(scope: Scope) {
  let known: { readonly atMs: number; readonly places: ComponentWorkloads } | undefined;
  return {
    now: async () => {
      if (!known || Date.now() - known.atMs > KNOWN_MS)
        known = { atMs: Date.now(), places: (await findWorkloads(scope)).places };
      return known.places;
    },
  };
}
