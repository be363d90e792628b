/**
 * The Compose target: one project on this machine's Docker engine.
 */
import type { ComposeSettings } from '../../domain/deployment.ts';
import type { Target } from '../target.ts';
import { collect } from './collect.ts';
import { refuseMissingEngine } from './engine.ts';
import { runInside, runOneOff } from './exec.ts';
import { fetchImages } from './fetch.ts';
import { freeImageBytes } from './free-space.ts';
import { localReferences } from './images.ts';
import { locate } from './locate.ts';
import { currentPins, identity, look, observe } from './observe.ts';
import { preview } from './preview.ts';
import { createScope, type Components, type ComposeDeps } from './scope.ts';
import { settleAll } from './settle.ts';
import { reach } from './reach.ts';
import { start, stop } from './stop.ts';
import { swap } from './swap.ts';
import { findVariable } from './variable.ts';

/**
 * Makes the target; nothing is read or asked before its methods are called. Before the claim (observe, locate, preview)
 * a missing engine or permission is a `request` error; in acts the same codes come as `environment`, because the engine
 * may be restarting.
 */
export function createComposeTarget(
  settings: ComposeSettings,
  components: Components,
  deps: ComposeDeps = {},
): Target {
  const scope = createScope(settings, components, deps);
  const { claims } = scope;
  return {
    identity: () => identity(scope),
    observe: (context) => beforehand(observe(scope, context.signal)),
    look: () => look(scope),
    locate: (wanted, source, context) => beforehand(locate(scope, wanted, source, context)),
    currentPins: (observed) => beforehand(currentPins(scope, observed)),
    preview: (goal, context) => beforehand(preview(scope, goal, context)),
    // A Compose project keeps no history of its own.
    revisions: () => Promise.resolve([]),
    localReferences: async (repository) => localReferences(await scope.engine(), repository),
    freeImageBytes: () => beforehand(freeImageBytes(scope)),
    fetch: (pins, source, keep, context) => fetchImages(scope, pins, source, keep, context),
    claim: (claim) => claims.claim(claim),
    readClaim: () => claims.read(),
    checkClaim: async (runId) => {
      await claims.check(runId);
    },
    takeOverClaim: (from, runId) => claims.takeOver(from, runId),
    releaseClaim: (runId) => claims.release(runId),
    noteBackup: (runId, file) => claims.noteBackup(runId, file),
    swap: (goal, runId, context) => swap(scope, goal, runId, context),
    stop: (runId, context) => stop(scope, runId, context),
    start: (runId, context) => start(scope, runId, context),
    settleChildren: (children, context) => settleAll(scope, children, context.signal),
    run: (component, argv, where, options, context) =>
      where === 'inside'
        ? runInside(scope, component, argv, options, context)
        : runOneOff(scope, component, argv, options, context),
    reach,
    variable: (name) => findVariable(scope, name),
    collect: (directory, context) => collect(scope, directory, context),
  } satisfies Target;
}

async function beforehand<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw refuseMissingEngine(error);
  }
}
