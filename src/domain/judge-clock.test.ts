import { describe, expect, it } from 'vitest';
import {
  START,
  expected,
  good,
  bad,
  away,
  sampleOf,
  feed,
  verdictOf,
  times,
} from './judge.fixture.ts';
import type { Look } from './judge.fixture.ts';
import { addSample, startGate } from './judge.ts';
import type { GateState } from './judge.ts';
import type { Instance } from './target.ts';

describe('the clock', () => {
  it('stands still while nothing can be observed, and says what it waits for', () => {
    const steps = feed([bad, bad, ...times(1_000, away)]);
    expect(steps).toHaveLength(1_002);
    expect(verdictOf(steps)).toMatchObject({
      verdict: 'undecided',
      observedMs: 500,
      samples: 2,
      waitingOn: 'the daemon is down',
    });
  });

  it('does not count the gap after it either, and asks for a new row', () => {
    const steps = feed([good, good, away, good, good, good]);
    expect(steps.map(({ judgement }) => judgement.consecutive)).toEqual([1, 2, 0, 1, 2, 3]);
    expect(verdictOf(steps)).toMatchObject({ verdict: 'healthy', observedMs: 1_500 });
  });

  it('waits when the engine could not be asked for its containers', () => {
    const { instances: _, ...rest } = sampleOf(START, good);
    const { judgement } = addSample(startGate(), rest, expected);
    expect(judgement.waitingOn).toBe('the container engine does not answer');
  });

  it.each([
    ['a paused host', 3_600_000],
    ['a clock set back', -3_600_000],
  ])('counts %s as one interval', (_, jumpMs) => {
    const first = addSample(startGate(), sampleOf(START, good), expected).state;
    const { judgement } = addSample(first, sampleOf(START + jumpMs, good), expected);
    expect(judgement).toMatchObject({ observedMs: 500, consecutive: 1, verdict: 'undecided' });
  });

  it('goes on from a state that went through JSON', () => {
    const state = feed([good, good]).at(-1)!.state;
    const revived = JSON.parse(JSON.stringify(state)) as GateState;
    expect(addSample(revived, sampleOf(START + 1_000, good), expected).judgement.verdict).toBe(
      'healthy',
    );
  });
});

describe('a restart of the engine', () => {
  const after = (instance: Partial<Instance>, answer: Look = good): Look => ({
    instance,
    sample: { ...answer.sample, engineStartedAt: '2026-03-26T10:00:01Z' },
  });

  it('is not blamed on the release', () => {
    const looks = [
      good,
      away,
      after({ restarts: 3, state: 'restarting' }, bad),
      after({ restarts: 5 }),
      after({ restarts: 5 }),
      after({ restarts: 5 }),
    ];
    expect(verdictOf(feed(looks, 1_000)).verdict).toBe('healthy');
  });

  it('forgives exits around it, but not one that stays', () => {
    const exited = after({ state: 'exited', exitCode: 137 }, bad);
    const steps = feed([good, away, ...times(40, exited)], 500);
    expect(verdictOf(steps).verdict).toBe('unhealthy');
    const forgivenMs = (steps.length - 4) * 500;
    expect(forgivenMs).toBeGreaterThanOrEqual(10_000);
    expect(forgivenMs).toBeLessThanOrEqual(11_000);
  });

  it('forgives no restart long after it', () => {
    const calm = times(30, after({}, bad));
    const loop = [1, 2, 3].map((restarts) => after({ restarts }, bad));
    expect(verdictOf(feed([good, ...calm, ...loop])).reasons[0]).toContain('restarted 3 times');
  });

  it('counts from a counter that was reset', () => {
    const looks = [{ instance: { restarts: 7 } }, ...times(1, { instance: { restarts: 1 } })];
    expect(feed(looks).at(-1)!.state.containers['c1']).toMatchObject({ restarts: 1, blamed: 1 });
  });
});

describe('any sequence of samples', () => {
  /** A small deterministic generator: the same sequences in every run. */
  function* random(seed: number): Generator<number> {
    let state = seed;
    for (;;) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      yield state / 2_147_483_648;
    }
  }

  it('passes exactly at the first row of healthy samples, and never on fewer', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const dice = random(seed);
      const next = () => dice.next().value as number;
      const share = next();
      const looks = Array.from({ length: 250 }, () => {
        const roll = next();
        return roll < share ? good : roll < share + (1 - share) / 2 ? bad : away;
      });
      const steps = feed(looks);
      let row = 0;
      const firstRow = looks.findIndex((look) => (row = look === good ? row + 1 : 0) >= 3);
      const passed = steps.findIndex(({ judgement }) => judgement.verdict === 'healthy');
      const { verdict, observedMs } = verdictOf(steps);
      if (verdict === 'healthy') expect(passed).toBe(firstRow);
      else expect(passed).toBe(-1);
      if (verdict === 'unhealthy') expect(observedMs).toBeGreaterThanOrEqual(90_000);
      if (verdict === 'undecided') expect(observedMs).toBeLessThan(90_000);
    }
  });
});
