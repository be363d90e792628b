/**
 * How far one workload's rollout is, and what is in its way. Pure.
 */
import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import type { RolloutSettings } from '../../domain/deployment.ts';
import {
  containerStatus,
  identityOf,
  isLiving,
  isReady,
  type PodsByWorkload,
} from '../instances.ts';
import { showRef, type Workload, type WorkloadRef } from '../workloads.ts';
import { creationTrouble } from './creation-trouble.ts';
import { isNewest } from './newest.ts';
import { podTrouble } from './pod-trouble.ts';
import type { Trouble } from './trouble.ts';
import { lastWarning } from './warnings.ts';

/** One workload that is rolled out, with what may run in it. */
export interface RolloutWorkload {
  readonly ref: WorkloadRef;
  /** container → the image IDs that it may run; empty: any. */
  readonly images: Readonly<Record<string, readonly string[]>>;
}

/** What one poll saw. */
export interface RolloutView {
  readonly nowMs: number;
  readonly workloads: readonly Workload[];
  /** `Deployment/web` → its pods, those on their way out among them. */
  readonly pods: PodsByWorkload;
  /** The namespace's warnings; asked for only where nothing moves. */
  readonly warnings: readonly CoreV1Event[];
}

/** How far a workload is. */
export interface RolloutState {
  readonly done: boolean;
  readonly text: string;
  /** Counts that grow as it goes on; as many for every workload. */
  readonly progress: readonly number[];
  /** The workload's own limit (ms) for a time without progress, where it has one. */
  readonly limitMs?: number;
  /** How often containers of the new pods were started again. */
  readonly restarts: number;
  /** `subject` tells the same trouble from poll to poll. */
  readonly troubles: readonly (Trouble & { readonly subject: string })[];
}

/** How far `wanted` is. */
export function rolloutState(
  wanted: RolloutWorkload,
  view: RolloutView,
  settings: RolloutSettings,
): RolloutState {
  const shown = showRef(wanted.ref);
  const workload = view.workloads.find(({ ref }) => showRef(ref) === shown);
  if (!workload)
    return {
      done: false,
      text: `${shown} is not there`,
      progress: [0, 0, 0, 0, 0],
      restarts: 0,
      troubles: [],
    };
  const all = view.pods.get(shown) ?? [];
  const pods = all.filter(isLiving);
  const containers = Object.keys(wanted.images);
  // Before the controller has seen the change, nobody can say which pods are of it.
  const fresh = workload.observed ? pods.filter((pod) => isNewest(workload, containers, pod)) : [];
  const troubles = [
    ...workloadTroubles(workload, pods, fresh, view.warnings),
    ...fresh.flatMap((pod) => podTroubles(pod, wanted, view, settings)),
  ].map((trouble) => ({ ...trouble, subject: shown }));
  const { desired, updated, available, observed } = workload;
  const ready = fresh.filter(isReady).length;
  const done = isDone(workload, pods, fresh) && troubles.length === 0;
  const ending = all.filter(({ metadata }) => metadata?.deletionTimestamp !== undefined).length;
  const old = pods.length - fresh.length;
  return {
    done,
    text: [
      `${shown}: ${updated} of ${desired} updated, ${ready} ready, ${old} old left`,
      ...(ending > 0 ? [`, ${ending} ending`] : []),
      ...whyStill(workload, fresh, old, view, troubles[0]),
    ].join(''),
    progress: [observed ? 1 : 0, fresh.length, ready, Math.min(updated, available), -old],
    ...(workload.progressMs !== undefined && { limitMs: workload.progressMs }),
    restarts: fresh.reduce((sum, pod) => sum + restartsOf(pod), 0),
    troubles,
  };
}

function isDone(workload: Workload, pods: readonly V1Pod[], fresh: readonly V1Pod[]): boolean {
  const { observed, updated, available, current } = workload;
  const expected = isPausedEmpty(workload) ? 0 : workload.desired;
  return (
    observed &&
    updated >= expected &&
    available >= expected &&
    current === updated &&
    // The counts may lag behind the pods: those are asked too.
    pods.length === fresh.length &&
    fresh.filter(isReady).length >= expected
  );
}

/** A Deployment that was paused before its first pod makes none, whatever is changed about it. */
function isPausedEmpty({ ref, paused, current }: Workload): boolean {
  return ref.kind === 'Deployment' && paused && current === 0;
}

/**
 * Whether its pause, or its partition, keeps pods of another template: no waiting ends that. One that has nothing to roll
 * out is not held by it, as on the way back to a revision that declares it.
 */
function isHeld(
  { ref, paused, observed, updated, current, heldBelow = 0 }: Workload,
  old: readonly V1Pod[],
): boolean {
  if (!paused || !observed) return false;
  if (ref.kind !== 'StatefulSet') return current > updated;
  return old.some(({ metadata }) => Number(metadata?.name?.split('-').at(-1)) < heldBelow);
}

function restartsOf({ status }: V1Pod): number {
  return (status?.containerStatuses ?? []).reduce((sum, each) => sum + each.restartCount, 0);
}

/** The first thing that someone who waits would like to know. */
function whyStill(
  { strategy }: Workload,
  fresh: readonly V1Pod[],
  old: number,
  { warnings }: RolloutView,
  trouble: Trouble | undefined,
): string[] {
  if (trouble) return [`; ${trouble.text}`];
  if (strategy === 'OnDelete' && old > 0)
    return ['; it replaces a pod only when somebody deletes it (OnDelete)'];
  for (const pod of fresh) {
    const probe = isReady(pod)
      ? undefined
      : lastWarning(warnings, pod.metadata?.uid, ['Unhealthy']);
    if (probe !== undefined) return [`; ${pod.metadata?.name ?? ''}: ${probe.slice(0, 300)}`];
  }
  return [];
}

function workloadTroubles(
  workload: Workload,
  pods: readonly V1Pod[],
  fresh: readonly V1Pod[],
  warnings: readonly CoreV1Event[],
): Trouble[] {
  const { ref, uid, observed, desired, cannotCreate } = workload;
  const shown = showRef(ref);
  const troubles: Trouble[] = [];
  const old = pods.filter((pod) => !fresh.includes(pod));
  if (isHeld(workload, old))
    troubles.push({
      fault: 'request',
      code: 'rollout-paused',
      text: `${shown} is paused (or partitioned): its rollout will not go on by itself`,
      tolerance: 'at-once',
    });
  if (!observed)
    troubles.push({
      fault: 'environment',
      code: 'controller-silent',
      text: `${shown} was changed, and the cluster’s controller has not taken that up`,
      tolerance: 'grace',
    });
  // Only a Deployment's status says so.
  const refused =
    cannotCreate ??
    (pods.length < desired ? lastWarning(warnings, uid, ['FailedCreate']) : undefined);
  if (refused !== undefined && observed) troubles.push(creationTrouble(shown, refused));
  return troubles;
}

function podTroubles(
  pod: V1Pod,
  wanted: RolloutWorkload,
  { pods, warnings }: RolloutView,
  { maxRestarts }: RolloutSettings,
): Trouble[] {
  const trouble = podTrouble(pod, maxRestarts, warnings) ?? lostWithNode(pod, pods);
  const wrong = Object.entries(wanted.images).flatMap(([container, accepted]): Trouble[] => {
    const identity = identityOf(containerStatus(pod, container)?.imageID);
    if (accepted.length === 0 || identity === '' || accepted.includes(identity)) return [];
    return [
      {
        fault: 'release',
        code: 'wrong-image',
        text: `${container} in ${pod.metadata?.name ?? ''} runs image ${identity}, not ${accepted.join(' or ')} of the plan: its tag may have been moved`,
        tolerance: 'at-once',
      },
    ];
  });
  return [...(trouble ? [trouble] : []), ...wrong];
}

/**
 * A node that is away can be told by its pods alone, so that nodes need not be read: the cluster then takes back the
 * pods' readiness and leaves their containers as they were seen last.
 */
function lostWithNode(pod: V1Pod, all: PodsByWorkload): Trouble | undefined {
  const node = pod.spec?.nodeName;
  const lost = [...all.values()].some((own) =>
    own.some((other) => other.spec?.nodeName === node && isTakenBack(other)),
  );
  if (node === undefined || isReady(pod) || !lost) return undefined;
  return {
    fault: 'environment',
    code: 'node-silent',
    text: `${pod.metadata?.name ?? ''} is on node ${node}, which the cluster has lost sight of`,
    tolerance: 'grace',
  };
}

function isTakenBack(pod: V1Pod): boolean {
  const conditions = pod.status?.conditions ?? [];
  const is = (name: string) => conditions.find(({ type }) => type === name)?.status;
  const gates = pod.spec?.readinessGates ?? [];
  return is('Ready') === 'False' && is('ContainersReady') === 'True' && gates.length === 0;
}
