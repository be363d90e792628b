/**
 * The Helm target: one release on a cluster.
 */
import type { HelmSettings } from '../../domain/deployment.ts';
import { BelayError } from '../../domain/errors.ts';
import type { Target } from '../target.ts';
import { currentPins } from '../../cluster/current-pins.ts';
import { fetchImages, locateImages } from '../../cluster/fetch.ts';
import { identity } from '../../cluster/identity.ts';
import { lookAt, refsOf, type ComponentWorkloads } from '../../cluster/look.ts';
import { reach } from '../../cluster/reach.ts';
import { runBeside } from '../../cluster/run-beside.ts';
import { startWorkloads, stopWorkloads } from '../../cluster/scale.ts';
import { placeBundledChart, withBundledChart } from './bundled-chart.ts';
import { settleChildren } from './children.ts';
import { readCurrent } from './current.ts';
import { collectRelease } from './evidence.ts';
import { forgetInputs, noteInputs, requireSameInputs } from './inputs.ts';
import { observe, revisions } from './observe.ts';
import { placeInManifest } from './places.ts';
import { preview } from './preview.ts';
import { createScope, type Components, type HelmDeps, type Scope } from './scope.ts';
import { swap } from './swap.ts';

/** Makes the target; nothing is read or asked before its methods are called. */
export function createHelmTarget(
  settings: HelmSettings,
  components: Components,
  deps: HelmDeps = {},
): Target {
  const scope = createScope(settings, components, deps);
  const places = rememberedPlaces(scope);
  const { importCommand } = settings;
  const way = { environment: scope.environment, ...(importCommand && { importCommand }) };
  return {
    identity: () => identity(scope.cluster()),
    observe: (context) => observe(scope, context),
    look: async ({ signal }) =>
      places.retried(async () => lookAt(scope.cluster(), await places.now(signal))),
    locate: (wanted, source, context) =>
      locateImages(scope.cluster(), wanted, source, way, context),
    currentPins: (observed) => Promise.resolve(currentPins(Object.keys(components), observed)),
    preview: (goal, context, source = { from: 'registry' }) =>
      withBundledChart(scope, goal.pins, source, context.signal, (offered) =>
        preview(offered, goal, context),
      ),
    revisions: (context) => revisions(scope, context),
    localReferences: async (repository) => referencesOf(scope, repository),
    // The nodes' disks can't be seen from here.
    freeImageBytes: () => Promise.resolve(undefined),
    fetch: async (pins, source, _keep, context) => {
      await fetchImages(scope.cluster(), pins, source, way, context);
      await placeBundledChart(scope, pins, source, context.signal);
      const claim = await scope.claims().read();
      // The last moment before the swap: nothing has changed yet.
      if (claim && !claim.toPoint) await requireSameInputs(scope, claim, pins);
    },
    claim: async (claim) => {
      await scope.claims().claim(claim);
      await noteInputs(scope, claim);
    },
    readClaim: () => scope.claims().read(),
    checkClaim: async (runId) => {
      await scope.claims().check(runId);
    },
    takeOverClaim: async (from, runId) => {
      const claim = await scope.claims().takeOver(from, runId);
      await forgetInputs(scope, from.runId);
      return claim;
    },
    releaseClaim: async (runId) => {
      await scope.claims().release(runId);
      await forgetInputs(scope, runId);
    },
    noteBackup: (runId, file) => scope.claims().noteBackup(runId, file),
    swap: (goal, runId, context) =>
      swap(scope, goal, runId, context).finally(() => {
        places.forget();
      }),
    stop: async (runId, context) => {
      await scope.claims().check(runId);
      await stopWorkloads(scope.cluster(), refsOf(await places.now(context.signal)), context);
    },
    start: async (runId, context) => {
      await scope.claims().check(runId);
      await startWorkloads(scope.cluster(), refsOf(await places.now(context.signal)), context);
    },
    settleChildren: (children, context) => settleChildren(scope, children, context),
    run: async (component, argv, where, options, context) => {
      const surroundings = {
        owner: settings.release,
        places: await places.now(context.signal),
        neighbours: settings.neighbours,
      };
      return runBeside(scope.cluster(), surroundings, component, argv, where, options, context);
    },
    reach: (url, options) => reach(scope.cluster(), url, options),
    // A cluster has no environment files: the worker's environment, or a reference to a file.
    variable: () => Promise.resolve(undefined),
    collect: (directory, context) => collectRelease(scope, directory, context),
  } satisfies Target;
}

/** How long the workloads of a release are taken for known (ms): a look must not start helm every half second. */
const KNOWN_MS = 10_000;

function rememberedPlaces(scope: Scope) {
  let known: { readonly atMs: number; readonly places: ComponentWorkloads } | undefined;
  const forget = () => {
    known = undefined;
  };
  return {
    forget,
    now: async (signal: AbortSignal) => {
      if (!known || Date.now() - known.atMs > KNOWN_MS) {
        const { objects } = await readCurrent(scope, signal);
        known = { atMs: Date.now(), places: placeInManifest(objects, scope.components).places };
      }
      return known.places;
    },
    /** A workload that is not there may be one of the manifest before: another worker may have changed it. */
    retried: async <T>(ask: () => Promise<T>) => {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof BelayError) || error.code !== 'workload-missing') throw error;
        forget();
        return ask();
      }
    },
  };
}

async function referencesOf(scope: Scope, repository: string): Promise<readonly string[]> {
  const context = { signal: new AbortController().signal, progress: () => undefined };
  const all = await revisions(scope, context);
  return all
    .flatMap(({ references }) => Object.values(references))
    .map((reference) => reference.split('@')[0] ?? '')
    .filter((reference) => reference.startsWith(`${repository}:`));
}
