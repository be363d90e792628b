/**
 * Makes the release and its pods equal the goal, whatever it finds. The way back is the same act.
 */
import type { ActContext } from '../../domain/act.ts';
import { failure } from '../../domain/errors.ts';
import type { Claim, Goal, Observed } from '../../domain/target.ts';
import { identity, serverVersion } from '../../cluster/identity.ts';
import { declaresPins, rolloutGoal, type DeclaredWorkload } from '../../cluster/place-images.ts';
import { watchRollout } from '../../cluster/rollout/watch-rollout.ts';
import { unstick } from '../../cluster/unstick.ts';
import { readPresent, showRef } from '../../cluster/workloads.ts';
import { settleChildren } from './children.ts';
import { readCurrent, type Current } from './current.ts';
import { nextStep, type NextStep } from './decide.ts';
import { readManifest } from './history.ts';
import { descriptionOf, isMarked } from './marks.ts';
import { parseManifest, type DeclaredObject } from './objects.ts';
import { whatRuns } from './observe.ts';
import { placeInManifest, workloadsOf } from './places.ts';
import type { Scope } from './scope.ts';
import { takeStep } from './take-step.ts';

/** Steps that one call takes at most: recover, then the act, then watch. */
const MOST_STEPS = 4;

/** Under the claim of `runId`; see `Target.swap`. */
export async function swap(
  scope: Scope,
  goal: Goal,
  runId: string,
  context: ActContext,
): Promise<Observed> {
  const claim = await scope.claims().check(runId);
  await settleChildren(scope, claim.children, context);
  for (const child of claim.children) await scope.claims().removeChild(child);
  let current = await readCurrent(scope, context.signal);
  for (let step = 0; ; step += 1) {
    const next = await decide(scope, goal, claim, current, context.signal);
    if (next.do === 'watch') break;
    if (step === MOST_STEPS) throw restless(scope);
    // The last moment before something changes.
    await scope.claims().check(runId);
    await takeStep(scope, next, goal, claim, current, context);
    current = await readCurrent(scope, context.signal);
  }
  const { places } = placeInManifest(current.objects, scope.components);
  const workloads = rolloutGoal(ownWorkloads(scope, current), places, goal.pins);
  const refs = workloads.map(({ ref }) => ref);
  if (goal.point) await unstick(scope.cluster(), refs, context.signal);
  await watchRollout(scope.cluster(), workloads, scope.settings.rollout, context);
  return observedAfter(scope, current);
}

async function decide(
  scope: Scope,
  { pins, point }: Goal,
  claim: Claim,
  current: Current,
  signal: AbortSignal,
): Promise<Exclude<NextStep, { do: 'stop' }>> {
  const { last, history, objects } = current;
  const began = claim.fromPoint?.newest ?? claim.fromPoint?.revision ?? 0;
  const references = () => placeInManifest(objects, scope.components).references;
  const next = nextStep({
    history,
    ...(point && { toRevision: point.revision }),
    atRevision: point !== undefined && (await isAt(scope, current, point.revision, signal)),
    // A way back goes by its revision: whatever layout is to be left must not keep it.
    declaresPins: point === undefined && declaresPins(references(), pins),
    liveDiffers: await liveDiffers(scope, current),
    ownDescription: descriptionOf(claim),
    began,
    lastIsMarked: last.revision > began && (await isMarked(scope, claim, last.revision)),
  });
  if (next.do !== 'stop') return next;
  const { release, cluster } = scope.settings;
  throw failure(
    'unknown',
    next.code,
    `Release ${release} in namespace ${cluster.namespace} can’t be changed: ${next.why}`,
    `See \`helm history ${release} --namespace ${cluster.namespace}\`; bring it to a deployed state, then retry`,
  );
}

/** Those of the release's namespace: what a chart puts elsewhere is helm's alone. */
function ownWorkloads({ settings }: Scope, { objects }: Current): DeclaredWorkload[] {
  const { namespace: own } = settings.cluster;
  return workloadsOf(objects.filter(({ namespace = own }) => namespace === own));
}

/** Helm compares with what it declared last, so an unchanged release is taken for done whatever became of its objects. */
async function liveDiffers(scope: Scope, current: Current): Promise<boolean> {
  const declared = ownWorkloads(scope, current);
  const refs = declared.map(({ ref }) => ref);
  const present = await readPresent(scope.cluster(), refs);
  const live = new Map(present.map((workload) => [showRef(workload.ref), workload]));
  return declared.some(({ ref, images }) => {
    const { containers = [] } = live.get(showRef(ref))?.template.spec ?? {};
    return Object.entries(images).some(
      ([name, image]) => containers.find((each) => each.name === name)?.image !== image,
    );
  });
}

/** Equal as data: helm writes a manifest's comments and order as it likes. */
async function isAt(
  scope: Scope,
  { deployed, objects }: Current,
  revision: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (deployed.revision === revision) return true;
  const wanted = await readManifest(scope.helm, scope.settings.release, revision, signal);
  const plain = (all: readonly DeclaredObject[]) => JSON.stringify(all.map(({ object }) => object));
  return plain(parseManifest(wanted)) === plain(objects);
}

async function observedAfter(scope: Scope, current: Current): Promise<Observed> {
  const cluster = scope.cluster();
  return {
    ...(await identity(cluster)),
    tools: { kubernetes: await serverVersion(cluster) },
    leastTools: {},
    platform: '',
    ...(await whatRuns(scope, current)),
    point: { revision: current.deployed.revision },
  };
}

function restless({ settings }: Scope) {
  return failure(
    'environment',
    'release-restless',
    `Release ${settings.release} did not come to where it was brought: somebody else changes it too`,
    'Find out who else upgrades it; belay tries again',
  );
}
