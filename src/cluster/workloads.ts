/**
 * Deployments, StatefulSets and DaemonSets, seen alike.
 */
import type {
  V1DaemonSet,
  V1Deployment,
  V1ObjectMeta,
  V1PodTemplateSpec,
  V1StatefulSet,
} from '@kubernetes/client-node';
import { failure } from '../domain/errors.ts';
import type { Cluster } from './cluster.ts';
import { asked } from './failures.ts';

/** Kinds of workload that belay upgrades. */
export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet';

/** One workload of the namespace. */
export interface WorkloadRef {
  readonly kind: WorkloadKind;
  readonly name: string;
}

/** A workload as it is now. */
export interface Workload {
  readonly ref: WorkloadRef;
  readonly uid: string;
  /** Pods that there should be. */
  readonly desired: number;
  readonly ready: number;
  /** Pods of the newest template. */
  readonly updated: number;
  readonly available: number;
  /** All pods that count, of any template. */
  readonly current: number;
  /** Whether the controller has seen the newest specification: before that, the counts are old. */
  readonly observed: boolean;
  /** Whether it is paused, or has a partition. */
  readonly paused: boolean;
  /** Pods of a lower ordinal keep the template that they have: a StatefulSet's partition. */
  readonly heldBelow?: number;
  /** `Recreate`, `RollingUpdate`, `OnDelete`. */
  readonly strategy: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly template: V1PodTemplateSpec;
  /** A Deployment's own count of its templates. */
  readonly revision?: number;
  /** The workload's own progress deadline (ms), where it has one. */
  readonly progressMs?: number;
  /** The label by which the pods of the newest template are told, where it is known. */
  readonly newest?: { readonly label: string; readonly value: string };
  /** Why its controller can't make pods, in its words. */
  readonly cannotCreate?: string;
  readonly metadata: V1ObjectMeta;
}

/** `Deployment/web`. */
export function showRef({ kind, name }: WorkloadRef): string {
  return `${kind}/${name}`;
}

const KINDS: readonly WorkloadKind[] = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** Whether belay upgrades this kind. */
export function isWorkloadKind(kind: string): kind is WorkloadKind {
  return (KINDS as readonly string[]).includes(kind);
}

/**
 * The workloads as they are now, in the order of `refs`; one request per kind.
 *
 * @throws BelayError `workload-missing` (request) naming those that are not there.
 */
export async function readWorkloads(
  cluster: Cluster,
  refs: readonly WorkloadRef[],
): Promise<Workload[]> {
  const present = await readPresent(cluster, refs);
  const there = new Set(present.map(({ ref }) => showRef(ref)));
  const missing = refs.map(showRef).filter((ref) => !there.has(ref));
  if (missing.length > 0)
    throw failure(
      'request',
      'workload-missing',
      `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not in namespace ${cluster.namespace}`,
      'Somebody may have deleted it: look at what the namespace has',
    );
  return present;
}

/** The same, without those that are not there. */
export async function readPresent(
  cluster: Cluster,
  refs: readonly WorkloadRef[],
): Promise<Workload[]> {
  const kinds = KINDS.filter((kind) => refs.some((ref) => ref.kind === kind));
  const all = (await Promise.all(kinds.map((kind) => listWorkloads(cluster, kind)))).flat();
  const byRef = new Map(all.map((workload) => [showRef(workload.ref), workload]));
  return refs.flatMap((ref) => byRef.get(showRef(ref)) ?? []);
}

/** Every workload of a kind in the namespace. */
export async function listWorkloads(
  { apps, namespace }: Cluster,
  kind: WorkloadKind,
): Promise<Workload[]> {
  const doing = `listing the ${kind}s of ${namespace}`;
  switch (kind) {
    case 'Deployment':
      return (await asked(doing, apps.listNamespacedDeployment({ namespace }))).items.map(
        ofDeployment,
      );
    case 'StatefulSet':
      return (await asked(doing, apps.listNamespacedStatefulSet({ namespace }))).items.map(
        ofStatefulSet,
      );
    case 'DaemonSet':
      return (await asked(doing, apps.listNamespacedDaemonSet({ namespace }))).items.map(
        ofDaemonSet,
      );
  }
}

function common(kind: WorkloadKind, metadata: V1ObjectMeta = {}, observedGeneration = 0) {
  return {
    ref: { kind, name: metadata.name ?? '' },
    uid: metadata.uid ?? '',
    observed: observedGeneration >= (metadata.generation ?? 0),
    metadata,
  };
}

/** Exported for its test. */
export function ofDeployment({ metadata, spec, status }: V1Deployment): Workload {
  const refused = status?.conditions?.find(
    ({ type, status: is }) => type === 'ReplicaFailure' && is === 'True',
  );
  const revision = Number(metadata?.annotations?.['deployment.kubernetes.io/revision']);
  return {
    ...common('Deployment', metadata, status?.observedGeneration),
    desired: spec?.replicas ?? 1,
    ready: status?.readyReplicas ?? 0,
    updated: status?.updatedReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
    current: status?.replicas ?? 0,
    paused: spec?.paused ?? false,
    strategy: spec?.strategy?.type ?? 'RollingUpdate',
    selector: spec?.selector.matchLabels ?? {},
    template: spec?.template ?? {},
    ...(Number.isInteger(revision) && { revision }),
    progressMs: (spec?.progressDeadlineSeconds ?? 600) * 1_000,
    ...(refused?.message !== undefined && { cannotCreate: refused.message }),
  };
}

/** Exported for its test. */
export function ofStatefulSet({ metadata, spec, status }: V1StatefulSet): Workload {
  const desired = spec?.replicas ?? 1;
  const updateRevision = status?.updateRevision;
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  // The controller stops counting `updatedReplicas` once both revisions are one.
  const settled = updateRevision !== undefined && updateRevision === status?.currentRevision;
  return {
    ...common('StatefulSet', metadata, status?.observedGeneration),
    desired,
    ready: status?.readyReplicas ?? 0,
    updated: settled ? status.replicas : (status?.updatedReplicas ?? 0),
    available: status?.availableReplicas ?? 0,
    current: status?.replicas ?? 0,
    paused: partition > 0,
    heldBelow: (spec?.ordinals?.start ?? 0) + partition,
    strategy: spec?.updateStrategy?.type ?? 'RollingUpdate',
    selector: spec?.selector.matchLabels ?? {},
    template: spec?.template ?? {},
    ...(updateRevision !== undefined && {
      newest: { label: 'controller-revision-hash', value: updateRevision },
    }),
  };
}

/** Exported for its test. */
export function ofDaemonSet({ metadata, spec, status }: V1DaemonSet): Workload {
  return {
    ...common('DaemonSet', metadata, status?.observedGeneration),
    desired: status?.desiredNumberScheduled ?? 0,
    ready: status?.numberReady ?? 0,
    updated: status?.updatedNumberScheduled ?? 0,
    available: status?.numberAvailable ?? 0,
    current: status?.currentNumberScheduled ?? 0,
    paused: false,
    strategy: spec?.updateStrategy?.type ?? 'RollingUpdate',
    selector: spec?.selector.matchLabels ?? {},
    template: spec?.template ?? {},
  };
}
