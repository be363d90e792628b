/**
 * Makes the release and its pods equal the goal, whatever it finds. The way back is the same act.
 */
import type { ActContext } from '../../domain/act.ts';
import { failure } from '../../domain/errors.ts';
import type { Claim, Goal, Observed } from '../../domain/target.ts';
import { found } from '../../cluster/failures.ts';
import { identity, serverVersion } from '../../cluster/identity.ts';
import { declaresPins, rolloutGoal } from '../../cluster/place-images.ts';
import { watchRollout } from '../../cluster/rollout/watch-rollout.ts';
import { unstick } from '../../cluster/unstick.ts';
import { act } from './act.ts';
import { settleChildren } from './children.ts';
import { readCurrent, type Current } from './current.ts';
import { nextStep, type NextStep } from './decide.ts';
import { readManifest } from './history.ts';
import { parseManifest, type DeclaredObject } from './objects.ts';
import { whatRuns } from './observe.ts';
import { placeInManifest, workloadsOf } from './places.ts';
import { upgradeCall } from './render.ts';
import type { Scope } from './scope.ts';

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
    await take(scope, next, goal, claim, context);
    current = await readCurrent(scope, context.signal);
  }
  const { places } = placeInManifest(current.objects, scope.components);
  const workloads = rolloutGoal(workloadsOf(current.objects), places, goal.pins);
  const refs = workloads.map(({ ref }) => ref);
  if (goal.point) await unstick(scope.cluster(), refs);
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
  const next = nextStep({
    history,
    ...(point && { toRevision: point.revision }),
    atRevision: point !== undefined && (await isAt(scope, current, point.revision, signal)),
    declaresPins: declaresPins(placeInManifest(objects, scope.components).references, pins),
    ownDescription: descriptionOf(claim),
    began: claim.fromPoint?.revision ?? 0,
    lastIsMarked: await isMarked(scope, last.revision),
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

const RUN_LABEL = 'belay.dev/run';

/** Whether the revision is of a belay operation: while the claim is ours, that can only be this one or its predecessor. */
async function isMarked(scope: Scope, revision: number): Promise<boolean> {
  const { core, namespace } = scope.cluster();
  const name = `sh.helm.release.v1.${scope.settings.release}.v${revision}`;
  const secret = await found(
    `reading Secret/${name}`,
    core.readNamespacedSecret({ name, namespace }),
  );
  return secret?.metadata?.labels?.[RUN_LABEL] !== undefined;
}

function descriptionOf({ operation, runId, fromVersion, toVersion }: Claim): string {
  return `belay ${operation} ${fromVersion} → ${toVersion} (run ${runId})`;
}

async function take(
  scope: Scope,
  next: Exclude<NextStep, { do: 'watch' | 'stop' }>,
  { pins }: Goal,
  claim: Claim,
  context: ActContext,
): Promise<void> {
  const { release, hooksOnRollback } = scope.settings;
  switch (next.do) {
    case 'upgrade': {
      const { args, input } = await upgradeCall(scope, pins);
      const label = `${RUN_LABEL}=${labelValue(claim.runId)}`;
      const marks = ['--description', descriptionOf(claim), '--labels', label];
      await act(
        scope,
        claim,
        { args: [...args, ...marks], input, doing: `upgrading release ${release}` },
        context,
      );
      return;
    }
    case 'rollback':
    case 'recover': {
      // Nobody knows which hooks the killed helm had run: on the way out of that, none are run again.
      const hooks = next.do === 'rollback' && hooksOnRollback ? [] : ['--no-hooks'];
      const args = ['rollback', release, String(next.revision), ...hooks];
      const doing = `taking release ${release} back to revision ${next.revision}`;
      await act(scope, claim, { args, doing }, context);
    }
  }
}

function labelValue(runId: string): string {
  return runId.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 63);
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
