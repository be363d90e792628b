/**
 * Pods and what runs in them.
 */
import type { V1ContainerStatus, V1Pod, V1ReplicaSet } from '@kubernetes/client-node';
import type { Instance } from '../domain/target.ts';
import type { Cluster } from './cluster.ts';
import { asked } from './failures.ts';
import { showRef, type Workload } from './workloads.ts';

/** Pods per workload (`Deployment/web`), oldest first. */
export type PodsByWorkload = ReadonlyMap<string, readonly V1Pod[]>;

/** Pods per workload, those that are going away or over left out (unless `ending`). Two requests at most. */
export async function podsOf(
  cluster: Cluster,
  workloads: readonly Workload[],
  { ending = false }: { readonly ending?: boolean } = {},
): Promise<PodsByWorkload> {
  const { pods } = await listOwned(cluster, workloads);
  if (ending) return pods;
  return new Map([...pods].map(([shown, own]) => [shown, own.filter(isLiving)]));
}

/**
 * All pods per workload, and the replica sets of the namespace where a Deployment is among the workloads. By owner and
 * never by label alone: labels may be shared with strangers. Two requests at most.
 */
export async function listOwned(
  { core, apps, namespace }: Cluster,
  workloads: readonly Workload[],
): Promise<{ readonly pods: PodsByWorkload; readonly sets: readonly V1ReplicaSet[] }> {
  const doing = `listing the pods of ${namespace}`;
  const deployments = workloads.some(({ ref }) => ref.kind === 'Deployment');
  const [pods, sets] = await Promise.all([
    asked(doing, core.listNamespacedPod({ namespace })),
    deployments ? asked(doing, apps.listNamespacedReplicaSet({ namespace })) : undefined,
  ]);
  const ownerOfSet = new Map(
    (sets?.items ?? []).map(({ metadata }) => [
      metadata?.uid ?? '',
      metadata?.ownerReferences?.[0]?.uid ?? '',
    ]),
  );
  const ownerOf = (pod: V1Pod) => {
    const uid = pod.metadata?.ownerReferences?.find(({ controller }) => controller)?.uid ?? '';
    return ownerOfSet.get(uid) ?? uid;
  };
  const byWorkload = workloads.map(
    ({ ref, uid }) =>
      [showRef(ref), pods.items.filter((pod) => ownerOf(pod) === uid).toSorted(byAge)] as const,
  );
  return { pods: new Map(byWorkload), sets: sets?.items ?? [] };
}

/**
 * One that counts: not on its way out, and not one that the node gave up (evicted, lost with its node), for which the
 * controller starts another.
 */
export function isLiving(pod: V1Pod): boolean {
  return pod.metadata?.deletionTimestamp === undefined && !isOver(pod);
}

/** One whose containers ended for good; its object may stay for long. */
export function isOver({ status }: V1Pod): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

/** Whether the kubelet's probes let it serve. */
export function isReady({ status }: V1Pod): boolean {
  return (
    status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false
  );
}

function byAge(a: V1Pod, b: V1Pod): number {
  const [x, y] = [a, b].map(({ metadata }) => metadata?.name ?? '');
  return timeOf(a) - timeOf(b) || (x ?? '').localeCompare(y ?? '');
}

function timeOf({ metadata }: V1Pod): number {
  return metadata?.creationTimestamp?.getTime() ?? 0;
}

/** The status of one of the pod's containers; init containers that stay (sidecars) among them. */
export function containerStatus(pod: V1Pod, container: string): V1ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === container);
}

/** `registry/app@sha256:…` and `sha256:…` → `sha256:…`; empty while nothing was pulled. */
export function identityOf(imageId: string | undefined): string {
  return /sha256:[0-9a-f]{64}$/.exec(imageId ?? '')?.[0] ?? '';
}

/** One container of a pod, as every target shows what runs. */
export function instanceOf(pod: V1Pod, container: string): Instance {
  const status = containerStatus(pod, container);
  const spec = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find(
    ({ name }) => name === container,
  );
  const { running, terminated } = status?.state ?? {};
  const startedAt = running?.startedAt ?? terminated?.startedAt;
  const ended = terminated ?? status?.lastState?.terminated;
  return {
    id: `${pod.metadata?.uid ?? ''}/${container}`,
    name: pod.metadata?.name ?? '',
    state: stateOf(pod, status),
    imageId: identityOf(status?.imageID),
    reference: spec?.image ?? status?.image ?? '',
    restarts: status?.restartCount ?? 0,
    createdAt: (pod.metadata?.creationTimestamp ?? new Date(0)).toISOString(),
    ...(startedAt !== undefined && { startedAt: new Date(startedAt).toISOString() }),
    ...(ended !== undefined && { exitCode: ended.exitCode }),
    ...readinessOf(pod, status),
    labels: pod.metadata?.labels ?? {},
  };
}

/** The pod's UID and the container in an instance's ID: a pod may run several components. */
export function partsOf(instanceId: string): {
  readonly podId: string;
  readonly container: string;
} {
  const [podId = '', container = ''] = instanceId.split('/');
  return { podId, container };
}

function stateOf(pod: V1Pod, status: V1ContainerStatus | undefined): Instance['state'] {
  const { phase, reason } = pod.status ?? {};
  if (phase === 'Failed' || reason === 'Evicted') return 'dead';
  const { running, terminated, waiting } = status?.state ?? {};
  if (running) return 'running';
  if (waiting) return waiting.reason === 'CrashLoopBackOff' ? 'restarting' : 'created';
  // A container that its pod will start again is restarting; the loop is judged by its count.
  if (terminated) return pod.spec?.restartPolicy === 'Never' ? 'exited' : 'restarting';
  return phase === 'Unknown' ? 'unknown' : 'created';
}

/** Ready by the kubelet's probes. A pod that was never ready is starting, not unhealthy. */
function readinessOf(pod: V1Pod, status: V1ContainerStatus | undefined) {
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  if (!ready || !status) return {};
  const isReady = ready.status === 'True';
  const since = ready.lastTransitionTime;
  return {
    health: isReady ? 'healthy' : status.started === true ? 'unhealthy' : 'starting',
    ...(since !== undefined && { healthSince: new Date(since).toISOString() }),
  } as const;
}
