/**
 * What someone changed beside the release: `kubectl edit`, `kubectl scale`. The API server itself says what applying the
 * manifest would change, so that its own defaults are no drift.
 */
import { PatchStrategy, type KubernetesObject } from '@kubernetes/client-node';
import { asked, clusterFailure, statusOf } from '../../cluster/failures.ts';
import { foreignManager } from '../../cluster/managers.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Hazard } from '../../domain/target.ts';
import { addedByHand } from './added-fields.ts';
import { showObject, type DeclaredObject } from './objects.ts';

/** Kinds whose fields others set as a matter of course, or that nothing runs by. */
const NOT_COMPARED = new Set(['Secret', 'Job', 'ServiceAccount', 'PersistentVolumeClaim']);

/** Hazards `drift:…` and `managed-by:…`, one per object. */
export async function findDrift(
  cluster: Cluster,
  objects: readonly DeclaredObject[],
): Promise<Hazard[]> {
  const scaled = autoscaled(objects);
  const found = await Promise.all(
    objects
      .filter(({ kind }) => !NOT_COMPARED.has(kind))
      .map((object) => driftOf(cluster, object, scaled)),
  );
  return found.flat();
}

/** Workloads whose replicas an autoscaler of the release sets. */
function autoscaled(objects: readonly DeclaredObject[]): ReadonlySet<string> {
  return new Set(
    objects
      .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
      .map(({ object }) => {
        const target = within(object, ['spec', 'scaleTargetRef']);
        return isRecord(target) ? `${String(target['kind'])}/${String(target['name'])}` : '';
      }),
  );
}

async function driftOf(
  cluster: Cluster,
  declared: DeclaredObject,
  scaled: ReadonlySet<string>,
): Promise<Hazard[]> {
  const shown = showObject(declared);
  const { apiVersion, kind, name, namespace = cluster.namespace } = declared;
  const header = { apiVersion, kind, metadata: { name, namespace } };
  let live: KubernetesObject;
  try {
    live = await cluster.objects.read(header);
  } catch (error) {
    if (statusOf(error) !== 404) throw clusterFailure(error, `reading ${shown}`);
    return [
      {
        name: `drift:${kind}/${name}`,
        message: `${shown} of the release is not on the cluster: someone removed it`,
        remedy: 'Bring it back, for example with `helm rollback` to the revision that runs',
      },
    ];
  }
  const manager = foreignManager(live.metadata ?? {});
  const managed: Hazard[] =
    manager === undefined
      ? []
      : [
          {
            name: `managed-by:${kind}/${name}`,
            message: `${shown} is managed by ${manager}, which puts back what it wants`,
            remedy: `Upgrade it there, or suspend ${manager} for it`,
          },
        ];
  const changed = [
    ...(await differences(cluster, declared, live, scaled)),
    ...addedByHand(declared.object, live.metadata?.managedFields ?? []),
  ];
  if (changed.length === 0) return managed;
  return [
    ...managed,
    {
      name: `drift:${kind}/${name}`,
      message: `${shown} was changed beside the release: ${changed.join(', ')}`,
      remedy: 'Put it into the values (or the chart), or put the object back',
    },
  ];
}

async function differences(
  cluster: Cluster,
  { object, kind, name, namespace = cluster.namespace }: DeclaredObject,
  live: KubernetesObject,
  scaled: ReadonlySet<string>,
): Promise<string[]> {
  const metadata = { ...(isRecord(object['metadata']) ? object['metadata'] : {}), name, namespace };
  const applied = await asked(
    `comparing ${kind}/${name}`,
    cluster.objects.patch(
      { ...object, metadata },
      undefined,
      'All',
      'belay-compare',
      true,
      PatchStrategy.ServerSideApply,
    ),
  );
  const ignored = scaled.has(`${kind}/${name}`) ? ['spec.replicas'] : [];
  return paths(plain(live), plain(applied), '').filter((path) => !ignored.includes(path));
}

/** What counts: not the bookkeeping that every write changes. */
function plain(object: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(object));
  if (!isRecord(copy)) return copy;
  const { status: _, metadata, ...rest } = copy;
  const { labels, annotations } = isRecord(metadata) ? metadata : {};
  const { 'deployment.kubernetes.io/revision': _revision, ...kept } = isRecord(annotations)
    ? annotations
    : {};
  return { ...rest, metadata: { labels: labels ?? {}, annotations: kept } };
}

/** Dotted paths at which two objects differ, at most five. */
function paths(a: unknown, b: unknown, path: string): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  if (isRecord(a) && isRecord(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys
      .flatMap((key) => paths(a[key], b[key], path === '' ? key : `${path}.${key}`))
      .slice(0, 5);
  }
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
    return a.flatMap((each: unknown, at) => paths(each, b[at], `${path}[${at}]`)).slice(0, 5);
  return [path];
}

function within(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
