import { expect, test } from 'vitest';
import { figuresOf } from './figures.ts';
import type { Measurement } from './measurement.ts';

const run = (changed: Partial<Measurement>): Measurement => ({
  contender: 'baseline',
  kind: 'upgrade',
  wallMs: 10_000,
  asked: 1_000,
  failed: 0,
  ...changed,
});
const belay = (swapMs: number, changed: Partial<Measurement> = {}) =>
  run({ contender: 'belay', phases: [{ phase: 'swap', ms: swapMs }], ...changed });

test.each([
  ['all met', belay(11_000, { wallMs: 13_000 }), [true, true, true]],
  ['a failed request', belay(11_000, { wallMs: 13_000, failed: 1 }), [false, true, true]],
  ['a slow swap', belay(11_001, { wallMs: 13_000 }), [true, false, true]],
  ['a slow operation', belay(11_000, { wallMs: 13_001 }), [true, true, false]],
])('%s', (_, measured, met) => {
  const figures = figuresOf({ runs: [run({}), measured], api: undefined });
  expect(figures.map((figure) => figure.met)).toEqual(met);
});

test('more than five calls a second is too much', () => {
  const api = { baseline: 37, belay: 150, belaysHelm: 70, perSecond: 5.5, busiestSecond: 9 };
  const figures = figuresOf({ runs: [], api });
  expect(figures.filter(({ met }) => !met).map(({ name }) => name)).toEqual([
    'API calls a second while it watches the rollout',
  ]);
});
