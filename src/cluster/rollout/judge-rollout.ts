/**
 * Whether a rollout is done, goes on, or can't succeed any more. Pure: looking is the watcher's.
 */
import type { RolloutSettings } from '../../domain/deployment.ts';
import {
  rolloutState,
  type RolloutState,
  type RolloutView,
  type RolloutWorkload,
} from './rollout-state.ts';
import type { Trouble } from './trouble.ts';

/** What the judge remembers from poll to poll. */
export interface RolloutMemory {
  /** The furthest that each count came; pods that go to and fro get nowhere. */
  readonly furthest: readonly number[];
  /** When a count came further last. */
  readonly movedAtMs: number;
  /** The same, or when there was trouble last: that has its own grace. */
  readonly deadlineFromMs: number;
  /** How often new containers were started again, and when that was seen to grow last. */
  readonly restarts: number;
  readonly restartedAtMs: number;
  /** Trouble that may pass → since when it is seen. */
  readonly since: Readonly<Record<string, number>>;
}

/** The verdict of one poll. */
export type RolloutVerdict =
  | { readonly is: 'done' }
  | { readonly is: 'waiting'; readonly text: string }
  | ({ readonly is: 'failed' } & Pick<Trouble, 'fault' | 'code' | 'text' | 'ended'>);

/** A judgement with what to remember. */
export interface RolloutStep {
  readonly verdict: RolloutVerdict;
  readonly memory: RolloutMemory;
}

/** A trouble that no waiting mends is believed when it was seen for this long: caches of the node lag behind. */
const CONFIRM_MS = 1_000;

/** What ends again and again is ready in between, where no probe says otherwise: it must stay so for this long. */
const STEADY_MS = 8_000;

/** The memory before the first poll. */
export function startRollout(nowMs: number): RolloutMemory {
  return {
    furthest: [],
    movedAtMs: nowMs,
    deadlineFromMs: nowMs,
    restarts: 0,
    restartedAtMs: nowMs,
    since: {},
  };
}

/** The memory after a time in which nothing could be seen: the clocks stood still. */
export function resumeRollout(before: RolloutMemory, nowMs: number): RolloutMemory {
  return { ...before, deadlineFromMs: nowMs, since: {} };
}

/** Judges one poll. */
export function judgeRollout(
  goal: readonly RolloutWorkload[],
  view: RolloutView,
  settings: RolloutSettings,
  before: RolloutMemory,
): RolloutStep {
  const states = goal.map((wanted) => rolloutState(wanted, view, settings));
  const memory = remember(states, view.nowMs, before);
  return { verdict: conclude(states, view, settings, memory), memory };
}

type Troubles = RolloutState['troubles'];

function remember(
  states: readonly RolloutState[],
  nowMs: number,
  before: RolloutMemory,
): RolloutMemory {
  const troubles = troublesOf(states);
  const counts = states.flatMap(({ progress }) => progress);
  const furthest = counts.map((count, at) => Math.max(count, before.furthest[at] ?? -Infinity));
  const moved = furthest.some((count, at) => count !== before.furthest[at]);
  const restarts = states.reduce((sum, state) => sum + state.restarts, 0);
  return {
    furthest,
    movedAtMs: moved ? nowMs : before.movedAtMs,
    deadlineFromMs: moved || troubles.length > 0 ? nowMs : before.deadlineFromMs,
    restarts,
    restartedAtMs: restarts > before.restarts ? nowMs : before.restartedAtMs,
    since: Object.fromEntries(
      troubles.map(({ code, subject }) => {
        // One workload's pods fail alike: the reason is one, whichever pod the controller tries next.
        const key = `${code} ${subject}`;
        return [key, before.since[key] ?? nowMs];
      }),
    ),
  };
}

function troublesOf(states: readonly RolloutState[]): Troubles {
  return states.flatMap(({ troubles }) => troubles);
}

function conclude(
  states: readonly RolloutState[],
  { nowMs }: RolloutView,
  settings: RolloutSettings,
  { since, deadlineFromMs, restarts, restartedAtMs }: RolloutMemory,
): RolloutVerdict {
  if (states.every(({ done }) => done)) {
    if (restarts === 0 || nowMs - restartedAtMs >= STEADY_MS) return { is: 'done' };
    const text = states.map((state) => state.text).join('; ');
    return { is: 'waiting', text: `${text}; restarted ${restarts} times, watched a while longer` };
  }
  const hopeless = troublesOf(states).find(({ code, subject, tolerance }) => {
    const seenMs = nowMs - (since[`${code} ${subject}`] ?? nowMs);
    return seenMs >= (tolerance === 'grace' ? Math.max(settings.graceMs, CONFIRM_MS) : CONFIRM_MS);
  });
  if (hopeless) {
    const { fault, code, text, ended } = hopeless;
    return { is: 'failed', fault, code, text, ...(ended && { ended }) };
  }
  const text = states
    .filter(({ done }) => !done)
    .map((state) => state.text)
    .join('; ');
  const limitMs = Math.min(
    settings.progressMs,
    ...states.filter(({ done }) => !done).map(({ limitMs = settings.progressMs }) => limitMs),
  );
  if (nowMs - deadlineFromMs < limitMs) return { is: 'waiting', text };
  const stuck = `nothing moved for ${Math.round(limitMs / 1000)} s: ${text}`;
  return { is: 'failed', fault: 'release', code: 'rollout-stuck', text: stuck };
}
