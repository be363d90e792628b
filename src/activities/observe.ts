/** Looks at everything a plan depends on, changes nothing, and collects every reason against it at once. */
import type { Deployment, Release } from '../domain/deployment.ts';
import { failure } from '../domain/errors.ts';
import { referenceFor } from '../domain/image-tag.ts';
import type { RollbackRequest, UpgradeRequest } from '../domain/operation.ts';
import type { AvailableImage, ImageSource, Observed, Pins } from '../domain/target.ts';
import { declaredVersion } from '../plan/from-version.ts';
import type { PlanFacts } from '../plan/facts.ts';
import { pointFor } from '../plan/rollback-point.ts';
import { wantedVersion } from '../plan/wanted-version.ts';
import type { ActContext } from '../domain/act.ts';
import type { Target } from '../targets/target.ts';
import { askHealth } from './ask-health.ts';
import { bundleRefusal } from './bundle-path.ts';
import { act } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { observeData } from './observe-data.ts';
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
    const [runtime, records, data] = await Promise.all([
      observeRuntime(target, input, context, probes),
      readRecords(input.deployment, target),
      input.operation === 'upgrade'
        ? observeData(deps, input.deployment, target, context, probes)
        : undefined,
    ]);
    const known = {
      deployment: input.deployment,
      request: input.request,
      source: sourceOf(input.request),
      ...(input.release && { release: input.release }),
      ...runtime,
      ...records,
      ...data,
      ...(await observeRevisions(target, input, context, probes)),
    };
    const images = await observeImages(deps, target, input, known, context, probes);
    probes.refuse(await whyNotRecordable(input.deployment));
    const free = await probes.ask(() => target.freeImageBytes());
    return {
      ...known,
      ...images,
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

async function observeRuntime(
  target: Target,
  { deployment }: ObserveInput,
  context: ActContext,
  probes: Probes,
) {
  const observed = await probes.ask(() => target.observe(context));
  if (!observed) return {};
  const [fromPins, reported, healthBefore] = await Promise.all([
    probes.ask(() => target.currentPins(observed)),
    probes.ask(() => reportedVersion(deployment.version, target, instancesOf(observed), context)),
    askHealth(deployment.health, target, context),
  ]);
  return {
    observed,
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

function sourceOf({ bundle }: ObserveInput['request']): ImageSource {
  return bundle === undefined ? { from: 'registry' } : { from: 'bundle', path: bundle };
}

/** The wanted images, and the exact edit that would bring them in. */
async function observeImages(
  deps: ActivityDeps,
  target: Target,
  { deployment, operation }: ObserveInput,
  known: Omit<PlanFacts, 'probeRefusals'>,
  context: ActContext,
  probes: Probes,
) {
  const to = wantedVersion(operation, known);
  if (to === undefined || !known.observed) return {};
  const refused = await bundleRefusal(deployment, known.source);
  if (refused) {
    probes.refuse([refused]);
    return {};
  }
  const from = declaredVersion(deployment, known.observed);
  const leaving =
    operation === 'rollback' && 'version' in from
      ? await probes.ask(() => deps.loadRelease(deployment, from.version))
      : undefined;
  const wanted = Object.fromEntries(
    Object.entries(deployment.components).map(([name, settings]) => {
      const digest = known.release?.digests[name];
      return [name, { reference: referenceFor(settings, to), ...(digest && { digest }) }];
    }),
  );
  const available = await probes.ask(() => target.locate(wanted, known.source, context));
  const point = operation === 'rollback' ? pointFor(known, to) : undefined;
  const goal = available && { pins: pinsOf(available), ...(point && { point }) };
  const seen = goal && (await probes.ask(() => target.preview(goal, context)));
  return {
    ...(leaving && { leaving }),
    ...(available && { available }),
    ...(seen && {
      changes: seen.changes,
      hazards: seen.hazards,
      previewNotes: seen.notes,
    }),
  };
}

/** What the located images are as pins. */
function pinsOf(available: Readonly<Record<string, AvailableImage>>): Pins {
  return Object.fromEntries(
    Object.entries(available).map(([name, { reference, imageId, digest }]) => [
      name,
      { reference, imageId, ...(digest !== undefined && { digest }) },
    ]),
  );
}
