/**
 * What runs and what the release declares. Changes nothing.
 */
import type { ActContext } from '../../domain/act.ts';
import { BelayError, type Refusal } from '../../domain/errors.ts';
import { parseJson } from '../../domain/parse-json.ts';
import type { Hazard, Observed, Point, Revision } from '../../domain/target.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { holdHazards } from '../../cluster/hold-hazards.ts';
import { identity, nodePlatform, serverVersion } from '../../cluster/identity.ts';
import { lookAt } from '../../cluster/look.ts';
import { missingPermissions } from '../../cluster/permissions.ts';
import { readPresent } from '../../cluster/workloads.ts';
import { readCurrent, refusePending, type Current } from './current.ts';
import { findDrift } from './drift.ts';
import { isUsable, readHistory, readManifest, type HelmRevision } from './history.ts';
import { parseManifest } from './objects.ts';
import { neededPermissions } from './permissions.ts';
import { placeInManifest, workloadsOf } from './places.ts';
import type { Scope } from './scope.ts';
import { readValuesFiles, undeclaredValues } from './values.ts';
import { helmFailure } from './failures.ts';
import { z } from 'zod';

/** `--reset-values`, `--dry-run=server` and `--labels` together came with 3.13; older servers lack what 1.27 has. */
const LEAST_TOOLS = { helm: '3.13.0', kubernetes: '1.27.0' };

/** A full observation. Throws `request` with every reason when nothing can be done here. */
export async function observe(scope: Scope, context: ActContext): Promise<Observed> {
  const { signal } = context;
  const cluster = scope.cluster();
  const lacking = missingPermissions(cluster, neededPermissions(), scope.settings.release);
  const [ids, kubernetes, helm, platform, current] = await permitted(
    lacking,
    Promise.all([
      identity(cluster),
      serverVersion(cluster),
      scope.helm.version(),
      nodePlatform(cluster),
      readCurrent(scope, signal),
    ]),
  );
  refusePending(scope, current);
  const [runs, drift, held] = await Promise.all([
    whatRuns(scope, current),
    findDrift(cluster, current.objects),
    findHeld(cluster, current),
    refuseUndeclared(scope, current, signal),
  ]);
  return {
    ...ids,
    tools: { helm, kubernetes },
    leastTools: LEAST_TOOLS,
    platform,
    ...runs,
    point: pointOf(current),
    hazards: [...statusHazards(scope, current), ...drift, ...held],
  };
}

/** What may not be done explains whatever else fails. */
async function permitted<T>(lacking: Promise<readonly Refusal[]>, work: Promise<T>): Promise<T> {
  const [refusals, done] = await Promise.allSettled([lacking, work]);
  if (refusals.status === 'fulfilled' && refusals.value.length > 0)
    throw new BelayError('request', refusals.value);
  if (refusals.status === 'rejected') throw refusals.reason;
  if (done.status === 'rejected') throw done.reason;
  return done.value;
}

/** The components with their instances; used after a swap too, which must not fail for what is none of its business. */
export async function whatRuns(
  scope: Scope,
  { objects }: Current,
): Promise<Pick<Observed, 'components'>> {
  const { places, references } = placeInManifest(objects, scope.components);
  const { instances } = await lookAt(scope.cluster(), places);
  return {
    components: Object.fromEntries(
      Object.keys(scope.components).map((component) => [
        component,
        { declared: references[component] ?? '', instances: instances[component] ?? [] },
      ]),
    ),
  };
}

async function refuseUndeclared(
  scope: Scope,
  { deployed }: Current,
  signal: AbortSignal,
): Promise<void> {
  const { settings, helm } = scope;
  const revision = ['--revision', String(deployed.revision)];
  const args = ['get', 'values', settings.release, ...revision, '--output', 'json'];
  const [files, finished] = await Promise.all([
    readValuesFiles(settings.values),
    helm.read(args, { signal }),
  ]);
  if (finished.exitCode !== 0)
    throw helmFailure(finished, `reading the values of release ${settings.release}`);
  const released = z
    .record(z.string(), z.unknown())
    .nullable()
    .safeParse(parseJson(finished.stdout));
  const refusals: Refusal[] = undeclaredValues(settings, released.data ?? {}, files);
  if (refusals.length > 0) throw new BelayError('request', refusals);
}

function pointOf({ last, deployed: { revision } }: Current): Point {
  return last.revision === revision ? { revision } : { revision, newest: last.revision };
}

/** Every workload of the release, a component's or not, is waited for: what holds one back fails the upgrade. */
async function findHeld(cluster: Cluster, { objects }: Current): Promise<Hazard[]> {
  const own = objects.filter(
    ({ namespace = cluster.namespace }) => namespace === cluster.namespace,
  );
  const refs = workloadsOf(own).map(({ ref }) => ref);
  return (await readPresent(cluster, refs)).flatMap(holdHazards);
}

/** A failed revision on top: what it has changed already is not known. */
function statusHazards({ settings }: Scope, { last, deployed }: Current): Hazard[] {
  if (last.revision === deployed.revision) return [];
  return [
    {
      name: `release:${last.status}`,
      message: `The last operation on release ${settings.release} is ${last.status} (revision ${last.revision}, ${last.updated}: ${last.description}); revision ${deployed.revision} is what counts as deployed`,
      remedy: `Bring it to a known state first: helm rollback ${settings.release} ${deployed.revision} --namespace ${settings.cluster.namespace}`,
    },
  ];
}

/** See `Target.revisions`. */
export async function revisions(scope: Scope, { signal }: ActContext): Promise<Revision[]> {
  const { helm, settings } = scope;
  const history = await readHistory(helm, settings.release, signal);
  const read: Revision[] = [];
  for (const entry of history) read.push(await revisionOf(scope, entry, signal));
  return read;
}

async function revisionOf(
  scope: Scope,
  entry: HelmRevision,
  signal: AbortSignal,
): Promise<Revision> {
  const { revision, updated, status, description } = entry;
  const usable = isUsable(entry);
  return {
    revision,
    at: updated,
    status,
    usable,
    description,
    references: usable ? await referencesOf(scope, revision, signal) : {},
  };
}

/** A revision of another layout has no references that count: it can't be gone back to by its version. */
async function referencesOf(
  { helm, settings, components }: Scope,
  revision: number,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const manifest = await readManifest(helm, settings.release, revision, signal);
  try {
    return placeInManifest(parseManifest(manifest), components).references;
  } catch (error) {
    if (error instanceof BelayError && error.fault === 'request') return {};
    throw error;
  }
}
