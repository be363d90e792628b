/**
 * Whether a rollout is done, goes on, or can't succeed any more. Pure: looking is the watcher's.
 */
import type { V1Pod } from '@kubernetes/client-node';
import type { RolloutSettings } from '../../domain/deployment.ts';
import type { Fault } from '../../domain/errors.ts';
import { containerStatus, identityOf } from '../instances.ts';
import { showRef, type Workload, type WorkloadRef } from '../workloads.ts';
import { podTrouble } from './pod-trouble.ts';

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
  /** `Deployment/web` → its living pods. */
  readonly pods: ReadonlyMap<string, readonly V1Pod[]>;
}

/** What the judge remembers from poll to poll. */
export interface RolloutMemory {
  /** When something moved last. */
  readonly movedAtMs: number;
  readonly moved: string;
  /** Trouble that may pass → since when it is seen. */
  readonly since: Readonly<Record<string, number>>;
}

/** The verdict of one poll. */
export type RolloutVerdict =
  | { readonly is: 'done' }
  | { readonly is: 'waiting'; readonly text: string }
  | {
      readonly is: 'failed';
      readonly fault: Extract<Fault, 'release' | 'environment' | 'request'>;
      readonly code: string;
      readonly text: string;
    };

/** A judgement with what to remember. */
export interface RolloutStep {
  readonly verdict: RolloutVerdict;
  readonly memory: RolloutMemory;
}

/** A trouble that no waiting mends is believed when it was seen for this long: caches of the node lag behind. */
const CONFIRM_MS = 1_000;

/** The memory before the first poll. */
export function startRollout(nowMs: number): RolloutMemory {
  return { movedAtMs: nowMs, moved: '', since: {} };
}

/** Judges one poll. */
export function judgeRollout(
  goal: readonly RolloutWorkload[],
  view: RolloutView,
  settings: RolloutSettings,
  before: RolloutMemory,
): RolloutStep {
  const states = goal.map((wanted) => stateOf(wanted, view, settings));
  const moved = JSON.stringify(states.map(({ moved: each }) => each));
  const troubles = states.flatMap(({ troubles: each }) => each);
  const memory: RolloutMemory = {
    moved,
    movedAtMs: moved === before.moved ? before.movedAtMs : view.nowMs,
    since: Object.fromEntries(
      troubles.map(({ code, subject }) => {
        const key = `${code} ${subject}`;
        return [key, before.since[key] ?? view.nowMs];
      }),
    ),
  };
  if (states.every(({ done }) => done)) return { verdict: { is: 'done' }, memory };
  const hopeless = troubles.find(({ code, subject, tolerance }) => {
    const seenMs = view.nowMs - (memory.since[`${code} ${subject}`] ?? view.nowMs);
    return seenMs >= (tolerance === 'grace' ? settings.graceMs : CONFIRM_MS);
  });
  if (hopeless) {
    const { fault, code, text } = hopeless;
    return { verdict: { is: 'failed', fault, code, text }, memory };
  }
  const text = states
    .filter(({ done }) => !done)
    .map((state) => state.text)
    .join('; ');
  const limitMs = Math.min(
    settings.progressMs,
    ...view.workloads.map(({ progressMs }) => progressMs ?? settings.progressMs),
  );
  // What may pass by itself has its own grace; the deadline counts what the release does or does not do.
  if (troubles.length === 0 && view.nowMs - memory.movedAtMs >= limitMs) {
    const failed = `nothing moved for ${Math.round(limitMs / 1000)} s: ${text}`;
    return {
      verdict: { is: 'failed', fault: 'release', code: 'rollout-stuck', text: failed },
      memory,
    };
  }
  return { verdict: { is: 'waiting', text }, memory };
}

interface Trouble {
  readonly fault: Extract<Fault, 'release' | 'environment' | 'request'>;
  readonly code: string;
  readonly subject: string;
  readonly text: string;
  readonly tolerance: 'at-once' | 'grace';
}

interface State {
  readonly done: boolean;
  readonly text: string;
  /** Whatever shows that it goes on. */
  readonly moved: unknown;
  readonly troubles: readonly Trouble[];
}

function stateOf(wanted: RolloutWorkload, view: RolloutView, settings: RolloutSettings): State {
  const shown = showRef(wanted.ref);
  const workload = view.workloads.find(({ ref }) => showRef(ref) === shown);
  const pods = view.pods.get(shown) ?? [];
  if (!workload) return { done: false, text: `${shown} is not there`, moved: '', troubles: [] };
  const fresh = pods.filter((pod) => isNewest(workload, wanted, pod));
  const troubles = [
    ...workloadTroubles(shown, workload),
    ...fresh.flatMap((pod) => podTroubles(pod, wanted, settings)),
  ];
  const { desired, updated, available, current, observed } = workload;
  const ready = fresh.filter(isReady).length;
  const done =
    observed &&
    troubles.length === 0 &&
    updated >= desired &&
    available >= desired &&
    current === updated &&
    // The counts may lag behind the pods: those are asked too.
    pods.length === fresh.length &&
    ready >= desired &&
    !workload.paused;
  const trouble = troubles[0] ? `; ${troubles[0].text}` : '';
  return {
    done,
    text: `${shown}: ${updated} of ${desired} updated, ${ready} ready, ${pods.length - fresh.length} old left${trouble}`,
    moved: [observed, updated, available, current, ready, pods.length, fresh.length],
    troubles,
  };
}

function workloadTroubles(shown: string, { paused, cannotCreate }: Workload): Trouble[] {
  return [
    ...(paused
      ? [
          {
            fault: 'request' as const,
            code: 'rollout-paused',
            subject: shown,
            text: `${shown} is paused (or partitioned): its rollout will not go on by itself`,
            tolerance: 'at-once' as const,
          },
        ]
      : []),
    ...(cannotCreate === undefined
      ? []
      : [
          {
            // Quota and limits are the namespace's; an admission's no is the release's.
            fault: /quota/i.test(cannotCreate) ? ('environment' as const) : ('release' as const),
            code: 'pods-refused',
            subject: shown,
            text: `${shown} may not make its pods: ${cannotCreate}`,
            tolerance: 'grace' as const,
          },
        ]),
  ];
}

function podTroubles(pod: V1Pod, wanted: RolloutWorkload, settings: RolloutSettings): Trouble[] {
  const subject = pod.metadata?.name ?? '';
  const trouble = podTrouble(pod, settings.maxRestarts);
  const wrong = Object.entries(wanted.images).flatMap(([container, accepted]): Trouble[] => {
    const identity = identityOf(containerStatus(pod, container)?.imageID);
    if (accepted.length === 0 || identity === '' || accepted.includes(identity)) return [];
    return [
      {
        fault: 'release',
        code: 'wrong-image',
        subject,
        text: `${container} in ${subject} runs image ${identity}, not ${accepted.join(' or ')} of the plan: its tag may have been moved`,
        tolerance: 'at-once',
      },
    ];
  });
  // One workload's pods fail alike: the reason is one, whichever pod the controller tries next.
  return [...(trouble ? [{ ...trouble, subject: showRef(wanted.ref) }] : []), ...wrong];
}

/** Whether the pod is of the newest template: by the controller's label, else by its images. */
function isNewest(workload: Workload, { images }: RolloutWorkload, pod: V1Pod): boolean {
  const { newest, template } = workload;
  if (newest) return pod.metadata?.labels?.[newest.label] === newest.value;
  const imageOf = (containers: readonly { name: string; image?: string }[] = [], name: string) =>
    containers.find((each) => each.name === name)?.image;
  return Object.keys(images).every(
    (name) => imageOf(pod.spec?.containers, name) === imageOf(template.spec?.containers, name),
  );
}

function isReady(pod: V1Pod): boolean {
  return (
    pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ??
    false
  );
}
