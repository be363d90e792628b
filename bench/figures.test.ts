import { describe, expect, it } from 'vitest';
import type { Contender } from './contenders.ts';
import { figuresOf } from './figures.ts';
import type { Measurement } from './measurement.ts';

const run = (contender: Contender, times: Partial<Measurement>): Measurement => ({
  contender,
  kind: 'upgrade',
  wallMs: 6_000,
  gapMs: 1_000,
  recoveryMs: 1_000,
  ...times,
});

const footprint = { workerPeakBytes: 300e6, serverPeakBytes: 150e6, idlePercent: 2 };

/** Whether each figure is met, by the first word or words of its name. */
function met(
  belay: Partial<Measurement>,
  baseline: Partial<Measurement> = {},
): Record<string, boolean> {
  const runs = [run('baseline', baseline), run('belay', belay)];
  const figures = figuresOf({ runs, footprint: undefined });
  return Object.fromEntries(figures.map(({ name, met: isMet }) => [name, isMet]));
}

describe('figuresOf', () => {
  it.each([
    { wallMs: 8_000, isMet: true },
    { wallMs: 8_001, isMet: false },
  ])('wall time $wallMs against 6000: $isMet', ({ wallMs, isMet }) => {
    expect(met({ wallMs })['upgrade: wall time']).toBe(isMet);
  });

  it.each([
    { gapMs: 1_150, of: 1_000, isMet: true },
    { gapMs: 1_151, of: 1_000, isMet: false },
    { gapMs: 10_500, of: 10_000, isMet: true },
    { gapMs: 10_501, of: 10_000, isMet: false },
  ])('gap $gapMs against $of: $isMet', ({ gapMs, of, isMet }) => {
    expect(met({ gapMs }, { gapMs: of })['upgrade: longest gap in answers']).toBe(isMet);
  });

  it.each([
    { recoveryMs: 10_000, of: 40_000, isMet: true },
    { recoveryMs: 10_001, of: 40_000, isMet: false },
    { recoveryMs: 15_000, of: 95_000, isMet: true },
    { recoveryMs: 15_001, of: 95_000, isMet: false },
  ])('recovery $recoveryMs against $of: $isMet', ({ recoveryMs, of, isMet }) => {
    const found = met({ kind: 'crash', recoveryMs }, { kind: 'crash', recoveryMs: of });
    expect(found).toEqual({ 'crashing release: until the old version serves': isMet });
  });

  it('judges the history by its longest, and only of plain upgrades', () => {
    const runs = [
      run('belay', { events: 90 }),
      run('belay', { events: 121 }),
      run('belay', { kind: 'crash', events: 400 }),
    ];
    expect(figuresOf({ runs, footprint: undefined })).toMatchObject([
      { unit: 'events', belay: { median: 105.5, max: 121, count: 2 }, met: false },
    ]);
  });

  it('judges the footprint', () => {
    const figures = figuresOf({ runs: [], footprint });
    expect(figures).toMatchObject([
      { unit: 'MB', belay: { median: 300 }, met: true },
      { unit: '%', belay: { median: 2 }, met: true },
    ]);
    const worse = { ...footprint, workerPeakBytes: 351e6, idlePercent: 5 };
    expect(figuresOf({ runs: [], footprint: worse })).toMatchObject([
      { met: false },
      { met: false },
    ]);
  });

  it('says the difference by medians, with its sign', () => {
    const runs = [run('baseline', {}), run('belay', { wallMs: 5_400, gapMs: 1_130 })];
    const [wall, gap] = figuresOf({ runs, footprint: undefined });
    expect(wall?.against).toBe('−0.60 s');
    expect(gap?.against).toBe('+0.13 s');
  });
});
