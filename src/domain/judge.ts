/**
 * The health gate: a pure verdict over samples. Sampling is the activity's; deciding is here.
 */
import { followContainers } from './judge-containers.ts';
import { assessSample } from './judge-sample.ts';
import type { SampleVerdict } from './judge-sample.ts';
import { startingUp } from './judge-starting.ts';
import type { Expectation, GateState, Judgement, Sample } from './judgement.ts';

export type { Expectation, GateState, HealthAnswer, Judgement, Sample } from './judgement.ts';

/** A gate's state and what it says now. */
export interface GateStep {
  readonly state: GateState;
  readonly judgement: Judgement;
}

/**
 * Beyond the interval and the probe's own limit, how late a sample may come (ms) before the time in between counts as
 * not observed: the host was paused, or the worker was gone.
 */
const LATENESS_MS = 5_000;

/** Unhealthy samples in a soak that are one too many: the first may be a blip. */
const SOAK_UNHEALTHY = 2;

/** A gate that has seen nothing. Serves for the gate and, afterwards anew, for the soak. */
export function startGate(): GateState {
  return {
    observedMs: 0,
    consecutive: 0,
    containers: {},
    samples: 0,
    healthySamples: 0,
    wrongVersions: 0,
  };
}

/**
 * Adds a sample to the health gate.
 *
 * - The clock counts only time between two samples that could observe.
 * - `healthy`: `consecutive` healthy samples in a row, without a gap in observation between them.
 * - `unhealthy` at once: another image runs than was planned, a container ended and stays so, it restarts too often
 *   (the engine's own restarts don't count), or good answers keep naming another version.
 * - `unhealthy` at the deadline otherwise, however many samples were healthy in between.
 */
export function addSample(state: GateState, sample: Sample, expected: Expectation): GateStep {
  const { consecutive, timeoutMs, maxRestarts } = expected.health;
  const look = observe(state, sample, expected, { maxRestarts, startWithinMs: 0 });
  if ('waiting' in look) return look.waiting;
  const { next } = look;
  if (look.hopeless.length > 0) return conclude(next, 'unhealthy', look.hopeless);
  if (next.wrongVersions >= consecutive) {
    return conclude(next, 'unhealthy', [
      ...look.problems,
      `${next.wrongVersions} answers in a row`,
    ]);
  }
  if (next.consecutive >= consecutive) return conclude(next, 'healthy', []);
  if (next.observedMs < timeoutMs) return conclude(next, 'undecided', look.problems);
  const counted = `${next.healthySamples} of ${next.samples} samples were healthy within ${timeoutMs / 1000} s, but never ${consecutive} in a row`;
  return conclude(next, 'unhealthy', [
    counted,
    ...(next.lastReason === undefined ? [] : [`last: ${next.lastReason}`]),
  ]);
}

/**
 * Adds a sample to the soak of a release that has passed the gate: it must stay healthy for `soakMs` of observed time.
 * One unhealthy sample is forgiven; a second, or one restart that the engine did not cause, is not. A new instance beside
 * those that serve has `health.timeoutMs` to become ready for the first time, and is awaited at the end.
 */
export function addSoakSample(
  state: GateState,
  sample: Sample,
  expected: Expectation,
  soakMs: number,
): GateStep {
  const { timeoutMs } = expected.health;
  const look = observe(state, sample, expected, { maxRestarts: 0, startWithinMs: timeoutMs });
  if ('waiting' in look) return look.waiting;
  const { next } = look;
  if (look.hopeless.length > 0) return conclude(next, 'unhealthy', look.hopeless);
  const unhealthy = next.samples - next.healthySamples;
  if (unhealthy >= SOAK_UNHEALTHY) {
    const counted = `${unhealthy} of ${next.samples} samples in the soak were not healthy`;
    return conclude(next, 'unhealthy', [counted, `last: ${next.lastReason ?? 'unknown'}`]);
  }
  // Those that came in time are awaited; where new ones keep coming, the soak ends all the same.
  const awaited = look.starting && next.observedMs < soakMs + timeoutMs;
  const open = awaited ? [...look.problems, 'a new instance is starting'] : look.problems;
  const done = next.observedMs >= soakMs && open.length === 0;
  return conclude(next, done ? 'healthy' : 'undecided', open);
}

/** What the two kinds of gate let pass. */
interface Lenience {
  readonly maxRestarts: number;
  /** How long a new instance need not be ready where others are; 0: not at all. */
  readonly startWithinMs: number;
}

type Look =
  | { readonly waiting: GateStep }
  | {
      readonly next: GateState;
      readonly problems: readonly string[];
      readonly hopeless: readonly string[];
      /** Whether an instance that is not ready yet was let pass. */
      readonly starting: boolean;
    };

/** What both kinds of gate do with a sample: the clock, the counts, and what can't become healthy any more. */
function observe(
  state: GateState,
  sample: Sample,
  expected: Expectation,
  { maxRestarts, startWithinMs }: Lenience,
): Look {
  if (sample.unobservable !== undefined || sample.instances === undefined) {
    return { waiting: cannotObserve(state, sample) };
  }
  const now = { ...state, ...advance(state, sample.atMs, expected) };
  const { hopeless, flapped, ...followed } = followContainers(now, sample, expected, maxRestarts);
  const seen = { ...now, ...followed };
  const starting = startingUp(seen, startWithinMs);
  const assessed = assessSample(sample, expected, starting);
  const verdict =
    flapped === undefined ? assessed : { ...assessed, problems: [...assessed.problems, flapped] };
  return {
    next: count(seen, verdict),
    problems: verdict.problems,
    hopeless: [verdict.wrongImage, hopeless].filter((reason) => reason !== undefined),
    starting: starting.size > 0,
  };
}

/** The clock stands still, and what comes after is not "in a row" with what came before. */
function cannotObserve(state: GateState, sample: Sample): GateStep {
  const { lastAtMs: _, ...rest } = state;
  const next = { ...rest, consecutive: 0, wrongVersions: 0 };
  const waitingOn = sample.unobservable ?? 'the container engine does not answer';
  const step = conclude(next, 'undecided', [waitingOn]);
  return { ...step, judgement: { ...step.judgement, waitingOn } };
}

function advance(state: GateState, atMs: number, { health }: Expectation) {
  if (state.lastAtMs === undefined) return { lastAtMs: atMs };
  const gapMs = atMs - state.lastAtMs;
  const limitMs = health.intervalMs + health.requestTimeoutMs + LATENESS_MS;
  const seen = gapMs >= 0 && gapMs <= limitMs;
  return {
    lastAtMs: atMs,
    observedMs: state.observedMs + (seen ? gapMs : health.intervalMs),
    ...(!seen && { consecutive: 0, wrongVersions: 0 }),
  };
}

function count(state: GateState, { problems, wrongVersion }: SampleVerdict): GateState {
  const healthy = problems.length === 0;
  return {
    ...state,
    samples: state.samples + 1,
    healthySamples: state.healthySamples + (healthy ? 1 : 0),
    consecutive: healthy ? state.consecutive + 1 : 0,
    wrongVersions: wrongVersion === undefined ? 0 : state.wrongVersions + 1,
    ...(!healthy && { lastReason: problems.join('; ') }),
  };
}

function conclude(
  state: GateState,
  verdict: Judgement['verdict'],
  reasons: readonly string[],
): GateStep {
  const { observedMs, samples, consecutive } = state;
  return { state, judgement: { verdict, reasons, observedMs, samples, consecutive } };
}
