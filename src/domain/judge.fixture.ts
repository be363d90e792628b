/**
 * Samples for the tests of the gate: looks at one container, half a second apart.
 */
import { addSample, startGate } from './judge.ts';
import type { Expectation, GateState, GateStep, Judgement, Sample } from './judge.ts';
import type { Instance } from './target.ts';

export const START = Date.parse('2026-03-26T10:00:00Z');
const NEW = 'sha256:new';
export const expected: Expectation = {
  pins: { app: { reference: 'shop/app:1.3.0', imageId: NEW } },
  version: '1.3.0',
  health: {
    consecutive: 3,
    timeoutMs: 90_000,
    maxRestarts: 2,
    intervalMs: 500,
    requestTimeoutMs: 5_000,
  },
};

export const running: Instance = {
  id: 'c1',
  name: 'shop-app-1',
  state: 'running',
  imageId: NEW,
  reference: 'shop/app:1.3.0',
  restarts: 0,
  startedAt: '2026-03-26T09:59:59Z',
  createdAt: '2026-03-26T09:59:58Z',
};

export interface Look {
  readonly instance?: Partial<Instance>;
  readonly sample?: Partial<Sample>;
  /** A member that this sample lacks. */
  readonly without?: 'version' | 'answer';
}

export const good: Look = {};
export const bad: Look = { sample: { answer: { ok: false, why: 'HTTP 503', status: 503 } } };
export const away: Look = { sample: { unobservable: 'the daemon is down' } };

export function sampleOf(atMs: number, { instance, sample, without }: Look): Sample {
  const { version, answer, ...rest } = {
    atMs,
    instances: { app: [{ ...running, ...instance }] },
    engineStartedAt: '2026-03-26T08:00:00Z',
    answer: { ok: true, status: 200, tookMs: 3 } as const,
    version: '1.3.0',
    ...sample,
  };
  return {
    ...rest,
    ...(without !== 'version' && { version }),
    ...(without !== 'answer' && { answer }),
  };
}

/** Feeds looks, one per `stepMs`, until a verdict falls; returns every step. */
export function feed(
  looks: Iterable<Look>,
  stepMs = 500,
  from: GateState = startGate(),
): GateStep[] {
  const steps: GateStep[] = [];
  let state = from;
  let atMs = START;
  for (const look of looks) {
    const step = addSample(state, sampleOf(atMs, look), expected);
    steps.push(step);
    state = step.state;
    atMs += stepMs;
    if (step.judgement.verdict !== 'undecided') break;
  }
  return steps;
}

/** What the last step says. */
export function verdictOf(steps: readonly GateStep[]): Judgement {
  const last = steps.at(-1);
  if (!last) throw new Error('no sample was fed');
  return last.judgement;
}

/** The same look again and again. */
export const times = (count: number, look: Look): Look[] =>
  Array.from({ length: count }, () => look);
