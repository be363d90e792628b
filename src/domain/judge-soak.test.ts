import { describe, expect, it } from 'vitest';
import { START, expected, good, bad, away, sampleOf, times } from './judge.fixture.ts';
import type { Look } from './judge.fixture.ts';
import { addSoakSample, startGate } from './judge.ts';
import type { GateStep } from './judge.ts';

describe('the soak', () => {
  function soak(looks: readonly Look[], soakMs: number) {
    let state = startGate();
    let step: GateStep | undefined;
    for (const [at, look] of looks.entries()) {
      step = addSoakSample(state, sampleOf(START + at * 1_000, look), expected, soakMs);
      state = step.state;
      if (step.judgement.verdict !== 'undecided') break;
    }
    return step!.judgement;
  }

  it('passes after its time', () => {
    expect(soak(times(100, good), 60_000)).toMatchObject({
      verdict: 'healthy',
      observedMs: 60_000,
    });
  });

  it('forgives one blip', () => {
    expect(soak([...times(10, good), bad, ...times(100, good)], 60_000).verdict).toBe('healthy');
  });

  it('does not end on a blip', () => {
    expect(soak([...times(60, good), bad, good], 60_000)).toMatchObject({
      verdict: 'healthy',
      observedMs: 61_000,
    });
  });

  it('fails on flapping', () => {
    const judgement = soak([good, bad, ...times(30, good), bad], 60_000);
    expect(judgement.reasons).toEqual([
      '2 of 33 samples in the soak were not healthy',
      'last: HTTP 503',
    ]);
  });

  it('fails on a readiness that went and came between two looks', () => {
    const ready = (second: string): Look => ({
      instance: { health: 'healthy', healthSince: `2026-03-26T10:00:${second}Z` },
    });
    const steady = soak(times(100, ready('00')), 60_000);
    expect(steady.verdict).toBe('healthy');
    const judgement = soak([ready('00'), ready('02'), ready('02'), ready('04')], 60_000);
    expect(judgement).toMatchObject({
      verdict: 'unhealthy',
      reasons: [
        '2 of 4 samples in the soak were not healthy',
        'last: app (shop-app-1) was not ready for a moment',
      ],
    });
  });

  it('fails on one restart', () => {
    const judgement = soak([good, { instance: { restarts: 1 } }], 60_000);
    expect(judgement.reasons[0]).toContain('restarted 1 time (at most 0 allowed)');
  });

  it('counts no time that it could not observe', () => {
    const judgement = soak([good, ...times(100, away), ...times(10, good)], 60_000);
    expect(judgement).toMatchObject({ verdict: 'undecided', observedMs: 9_000 });
  });
});
