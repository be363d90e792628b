import { describe, expect, it } from 'vitest';
import {
  START,
  expected,
  running,
  good,
  bad,
  away,
  sampleOf,
  feed,
  verdictOf,
  times,
} from './judge.fixture.ts';
import type { Look } from './judge.fixture.ts';
import { addSoakSample, startGate } from './judge.ts';
import type { GateState, GateStep } from './judge.ts';
import type { Instance } from './target.ts';

/** One look per second, until a verdict falls; the state goes through JSON each time, as through heartbeats. */
function soak(looks: readonly Look[], soakMs: number) {
  let state = startGate();
  let step: GateStep | undefined;
  for (const [at, look] of looks.entries()) {
    step = addSoakSample(state, sampleOf(START + at * 1_000, look), expected, soakMs);
    state = JSON.parse(JSON.stringify(step.state)) as GateState;
    if (step.judgement.verdict !== 'undecided') break;
  }
  return step!.judgement;
}

describe('the soak', () => {
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

describe('a pod that is new in the soak', () => {
  const pod = (id: string, changed: Partial<Instance> = {}): Instance => ({
    ...running,
    id,
    name: `shop-app-${id}`,
    startedAt: '2026-03-26T10:00:12Z',
    health: 'healthy',
    healthSince: '2026-03-26T10:00:15Z',
    ...changed,
  });
  const [a, b] = [pod('a'), pod('b')];
  const notReadySince = (second: string, changed: Partial<Instance> = {}) =>
    pod('new', { health: 'unhealthy', healthSince: `2026-03-26T10:00:${second}Z`, ...changed });

  const { startedAt: _, health: __, healthSince: ___, ...unborn } = pod('new', { imageId: '' });
  const pending: Instance = { ...unborn, state: 'created' };
  const pulling: Instance = {
    ...pending,
    health: 'starting',
    healthSince: '2026-03-26T10:00:10Z',
  };
  const starting = notReadySince('10', { health: 'starting' });
  const notReady = notReadySince('10');
  const ready = pod('new');
  const crashed: Instance = { ...pulling, state: 'restarting', exitCode: 1 };

  const pods = (...app: Instance[]): Look => ({ sample: { instances: { app } } });
  const up = (...beside: Instance[]) =>
    [pending, pulling, starting, notReady].flatMap((stage) => times(3, pods(...beside, stage)));
  const steady = times(100, pods(a, b));

  it.each<[string, readonly Look[]]>([
    ['comes up beside the others', [pods(a, b), ...up(a, b), ...times(100, pods(a, b, ready))]],
    ['is on its way up when the soak begins', [...up(a), ...times(100, pods(a, ready))]],
    [
      'starts in the second in which it was made',
      [...times(9, pods(a, notReadySince('12'))), ...times(100, pods(a, ready))],
    ],
    ['takes the place of one that went', [pods(a, b), ...up(a), ...times(100, pods(a, ready))]],
    ['is taken away before it is ready', [pods(a, b), ...up(a, b), ...steady]],
    ['was ready, and is taken away', [pods(a, b, ready), ...steady]],
    [
      'is one after another',
      [1, 2, 3].flatMap((nth) => [
        ...times(40, pods(a, { ...pending, id: `new-${nth}` })),
        ...times(10, pods(a, { ...ready, id: `new-${nth}` })),
      ]),
    ],
    [
      'comes up while nothing can be observed',
      [...times(3, pods(a, pending)), ...times(50, away), ...times(100, pods(a, ready))],
    ],
  ])('is no flap where it %s', (_, looks) => {
    expect(soak(looks, 60_000).verdict).toBe('healthy');
  });

  it.each<[string, readonly Look[], string]>([
    ['nothing else serves', times(5, pods(pending)), 'app is created'],
    [
      'another one is not ready any more',
      times(5, pods(a, pod('b', { health: 'unhealthy' }), pending)),
      "app's own health check fails",
    ],
    [
      'it was ready, and is not any more',
      [pods(a, ready), ...times(5, pods(a, notReadySince('20')))],
      "app's own health check fails",
    ],
    [
      'it was ready between two looks',
      [pods(a), ...times(5, pods(a, notReadySince('20')))],
      "app's own health check fails",
    ],
    ['it crashes', [pods(a, notReady), ...times(5, pods(a, crashed))], 'restarting with code 1'],
    [
      'it restarts',
      [pods(a, notReady), pods(a, { ...notReady, restarts: 1 })],
      'restarted 1 time (at most 0 allowed)',
    ],
    ['it runs another image', [pods(a, { ...notReady, imageId: 'sha256:old' })], 'runs image'],
    [
      'the health answer is bad meanwhile',
      times(5, { sample: { ...pods(a, pending).sample, ...bad.sample } }),
      'HTTP 503',
    ],
    ['nobody tells since when', times(5, pods(a, noSince(notReady))), 'own health check fails'],
  ])('counts where %s', (_, looks, reason) => {
    const judgement = soak(looks, 60_000);
    expect(judgement.verdict).toBe('unhealthy');
    expect(judgement.reasons.join('; ')).toContain(reason);
  });

  it('has as long to become ready as the version had', () => {
    const judgement = soak([pods(a), ...times(500, pods(a, notReady))], 600_000);
    expect(judgement).toMatchObject({ verdict: 'unhealthy', observedMs: 92_000 });
  });

  it('is awaited at the end', () => {
    const looks = [...times(60, pods(a)), ...times(20, pods(a, notReady))];
    expect(soak(looks, 60_000)).toMatchObject({
      verdict: 'undecided',
      observedMs: 79_000,
      reasons: ['a new instance is starting'],
    });
    expect(soak([...looks, pods(a, ready)], 60_000)).toMatchObject({
      verdict: 'healthy',
      observedMs: 80_000,
    });
  });

  it('is not awaited for ever where others keep coming', () => {
    const coming = Array.from({ length: 300 }, (_, at) =>
      pods(a, { ...pending, id: `new-${Math.floor(at / 30)}` }),
    );
    expect(soak(coming, 60_000)).toMatchObject({ verdict: 'healthy', observedMs: 150_000 });
  });

  it('is not forgiven in the gate itself', () => {
    const steps = feed(times(10, pods(a, notReady)));
    expect(verdictOf(steps)).toMatchObject({ verdict: 'undecided', consecutive: 0 });
  });
});

/** As a runtime shows it that keeps no such time: Compose. */
function noSince({ healthSince: _, ...instance }: Instance): Instance {
  return instance;
}
