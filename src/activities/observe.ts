/** Looks at everything a plan depends on, changes nothing, and collects every reason against it at once. */
import type { Deployment, Release } from '../domain/deployment.ts';
import { failure } from '../domain/errors.ts';
import type { RollbackRequest, UpgradeRequest } from '../domain/operation.ts';
import type { Observed } from '../domain/target.ts';
import { declaredVersion } from '../plan/from-version.ts';
import type { PlanFacts } from '../plan/facts.ts';
import { pointFor } from '../plan/rollback-point.ts';
import { wantedVersion } from '../plan/wanted-version.ts';
import type { ActContext } from '../domain/act.ts';
import type { Target } from '../targets/target.ts';
import { askHealthAgain } from './ask-health.ts';
import { act } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { observeData } from './observe-data.ts';
import { observeImages, sourceOf, type ImageFacts, type Known } from './observe-images.ts';
import { Probes } from './probes.ts';
import { readRecords } from './read-records.ts';
import { reportedVersion } from './reported-version.ts';
import { whyNotRecordable } from './writable-records.ts';

/** Input of {@link observe}. */
export interface ObserveInput {
  readonly deployment: Deployment;
  readonly operation: 'upgrade' | 'rollback';
  readonly request: UpgradeRequest | RollbackRequest;
  readonly release?: Release;
}

/**
 * The facts of a plan. A probe that can't find out says why among `probeRefusals`; only the environment's failures are
 * thrown, to be tried again. Throws `claim` when an operation's claim lies beside the deployment.
 */
export function observe(deps: ActivityDeps, input: ObserveInput): Promise<PlanFacts> {
  return act(input.deployment.patienceMs, async (context) => {
    const target = deps.target(input.deployment);
    await refuseClaimed(target, input.deployment, context.runId);
    const probes = new Probes();
    const [seen, data] = await Promise.all([
      observeTarget(deps, target, input, context, probes),
      input.operation === 'upgrade'
        ? observeData(deps, input.deployment, target, context, probes)
        : undefined,
    ]);
    probes.refuse(await whyNotRecordable(input.deployment));
    const free = await probes.ask(() => target.freeImageBytes());
    return {
      ...seen,
      ...data,
      disk: {
        ...(free !== undefined && { images: { freeBytes: free } }),
        ...(data?.backup && { backup: data.backup }),
      },
      probeRefusals: probes.refusals,
    };
  });
}

async function refuseClaimed(target: Target, deployment: Deployment, runId: string): Promise<void> {
  const claim = await target.readClaim();
  if (!claim || claim.runId === runId) return;
  throw failure(
    'claim',
    'claimed',
    `${deployment.name} has an unfinished ${claim.operation} ${claim.fromVersion} → ${claim.toVersion} (run ${claim.runId}, since ${claim.startedAt})`,
    `See \`belay status ${deployment.name}\`; if that run is closed, \`belay rollback ${deployment.name}\` takes back what it left`,
  );
}

/** What runs, what it shall be replaced by, and what is on record. */
async function observeTarget(
  deps: ActivityDeps,
  target: Target,
  input: ObserveInput,
  context: ActContext,
  probes: Probes,
) {
  const { deployment, operation, request, release } = input;
  const source = sourceOf(request);
  // An upgrade names what it goes to, so its images and their preview need not wait for what runs.
  const ahead =
    operation === 'upgrade' && request.to !== undefined
      ? Promise.allSettled([observeImages(target, input, { to: request.to }, context)])
      : undefined;
  const [observed, records] = await Promise.all([
    probes.ask(() => target.observe(context)),
    readRecords(deployment, target),
  ]);
  const known = {
    deployment,
    request,
    source,
    ...(release && { release }),
    ...(observed && { observed }),
    ...records,
    ...(await observeRevisions(target, input, context, probes)),
  };
  // Where nothing could be observed, what else failed has the same reason.
  if (!observed) return known;
  const [running, images] = await Promise.all([
    observeRunning(target, observed, deployment, context, probes),
    ahead
      ? unsettled((await ahead)[0])
      : observeWayBack(deps, target, input, { ...known, observed }, context),
  ]);
  probes.refuse(images.refusals);
  return { ...known, ...running, ...images.facts };
}

/** A failure that is looked at later, or not at all. */
function unsettled<T>(outcome: PromiseSettledResult<T>): T {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

/** How the old version does. */
async function observeRunning(
  target: Target,
  observed: Observed,
  deployment: Deployment,
  context: ActContext,
  probes: Probes,
) {
  const [fromPins, reported, healthBefore] = await Promise.all([
    probes.ask(() => target.currentPins(observed)),
    probes.ask(() => reportedVersion(deployment.version, target, instancesOf(observed), context)),
    askHealthAgain(deployment.health, target, context),
  ]);
  return {
    healthBefore,
    ...(fromPins && { fromPins }),
    ...(reported && 'version' in reported && { runningVersion: reported.version }),
    ...(reported && 'why' in reported && { versionUnreadable: reported.why }),
  };
}

/** Only a rollback goes to a point of the target's own history. */
async function observeRevisions(
  target: Target,
  { operation }: ObserveInput,
  context: ActContext,
  probes: Probes,
) {
  if (operation === 'upgrade') return {};
  const revisions = await probes.ask(() => target.revisions(context));
  return revisions ? { revisions } : {};
}

function instancesOf({ components }: Observed) {
  return Object.fromEntries(
    Object.entries(components).map(([name, { instances }]) => [name, instances]),
  );
}

/** A rollback's images, which depend on what is on record and in the target's history. */
async function observeWayBack(
  deps: ActivityDeps,
  target: Target,
  input: ObserveInput,
  known: Known,
  context: ActContext,
): Promise<ImageFacts> {
  const { deployment } = input;
  const to = wantedVersion('rollback', known);
  if (to === undefined) return { facts: {}, refusals: [] };
  const probes = new Probes();
  const from = declaredVersion(deployment, known.observed);
  const leaving =
    'version' in from
      ? await probes.ask(() => deps.loadRelease(deployment, from.version))
      : undefined;
  const point = pointFor(known, to);
  const back = { to, known, ...(point && { point }) };
  const { facts, refusals } = await observeImages(target, input, back, context);
  probes.refuse(refusals);
  return { facts: { ...(leaving && { leaving }), ...facts }, refusals: probes.refusals };
}
