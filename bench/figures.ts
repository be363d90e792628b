/** The figures asked of belay, and how it does. */
import type { Contender } from './contenders.ts';
import type { Measured, Measurement } from './measurement.ts';
import { spreadOf } from './statistics.ts';
import { difference, ratio, type Figure } from './table.ts';

const MB = 1_000_000;

/** All figures for which there are measurements. */
export function figuresOf({ runs, footprint }: Measured): Figure[] {
  const events = runs.flatMap(({ kind, events: of }) => (kind === 'upgrade' && of ? [of] : []));
  return [
    ...compared(runs, 'upgrade', 'wallMs', {
      name: 'upgrade: wall time',
      asked: '≤ baseline + 2 s',
      limitMs: (baselineMs) => baselineMs + 2_000,
      against: difference,
    }),
    ...compared(runs, 'upgrade', 'gapMs', {
      name: 'upgrade: longest gap in answers',
      asked: '≤ baseline + max(5 %, 150 ms)',
      limitMs: (baselineMs) => baselineMs + Math.max(baselineMs * 0.05, 150),
      against: difference,
    }),
    ...compared(runs, 'crash', 'recoveryMs', {
      name: 'crashing release: until the old version serves',
      asked: '≤ 0.25 × baseline and ≤ 15 s',
      limitMs: (baselineMs) => Math.min(baselineMs * 0.25, 15_000),
      against: ratio,
    }),
    ...alone('history of an upgrade', 'events', events, '≤ 120 events', (most) => most <= 120),
    ...(footprint === undefined
      ? []
      : [
          ...alone(
            'worker memory, peak resident since its start',
            'MB',
            [footprint.workerPeakBytes / MB],
            '≤ 350 MB',
            (most) => most <= 350,
          ),
          ...alone(
            'idle engine and worker, of one core',
            '%',
            [footprint.idlePercent],
            '< 5 %',
            (most) => most < 5,
          ),
        ]),
  ];
}

interface Rule {
  readonly name: string;
  readonly asked: string;
  /** The longest that belay may take, by the baseline's median. */
  readonly limitMs: (baselineMs: number) => number;
  readonly against: (baselineMs: number, belayMs: number) => string;
}

/** One figure of medians; none while either contender has no run of this kind. */
function compared(
  runs: readonly Measurement[],
  kind: Measurement['kind'],
  what: 'wallMs' | 'gapMs' | 'recoveryMs',
  { name, asked, limitMs, against }: Rule,
): Figure[] {
  const timesOf = (contender: Contender): number[] =>
    runs.filter((run) => run.kind === kind && run.contender === contender).map((run) => run[what]);
  const [ofBaseline, ofBelay] = [timesOf('baseline'), timesOf('belay')];
  if (ofBaseline.length === 0 || ofBelay.length === 0) return [];
  const [baseline, belay] = [spreadOf(ofBaseline), spreadOf(ofBelay)];
  return [
    {
      name,
      unit: 'ms',
      baseline,
      belay,
      against: against(baseline.median, belay.median),
      asked,
      met: belay.median <= limitMs(baseline.median),
    },
  ];
}

/** One figure that the baseline does not have; the worst measurement counts. */
function alone(
  name: string,
  unit: Figure['unit'],
  values: readonly number[],
  asked: string,
  holds: (most: number) => boolean,
): Figure[] {
  if (values.length === 0) return [];
  const belay = spreadOf(values);
  return [{ name, unit, baseline: undefined, belay, against: '', asked, met: holds(belay.max) }];
}
