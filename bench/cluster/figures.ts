/** The figures asked of belay on a cluster, and how it does. */
import type { Contender } from '../contenders.ts';
import { spreadOf } from '../statistics.ts';
import { difference, ratio, type Figure } from '../table.ts';
import type { ApiCalls, Kind, Measured, Measurement } from './measurement.ts';

/** All figures for which there are measurements. */
export function figuresOf({ runs, api }: Measured): Figure[] {
  return [
    ...failedRequests(runs),
    ...compared(runs, {
      name: 'upgrade: swap, against `helm upgrade --wait`',
      kind: 'upgrade',
      time: swapMs,
      asked: '≤ 1.1 ×',
      limitMs: (baselineMs) => baselineMs * 1.1,
      against: ratio,
    }),
    ...compared(runs, {
      name: 'upgrade: whole operation',
      kind: 'upgrade',
      time: wallMs,
      asked: '≤ baseline + 3 s',
      limitMs: (baselineMs) => baselineMs + 3_000,
      against: difference,
    }),
    ...compared(runs, {
      name: 'crashing release: until the old version is back',
      kind: 'crash',
      time: wallMs,
      asked: '≤ 0.3 ×',
      limitMs: (baselineMs) => baselineMs * 0.3,
      against: ratio,
    }),
    ...compared(runs, {
      name: 'no such image: refused before anything changes',
      kind: 'missing',
      time: wallMs,
      asked: '≤ 0.1 ×, or refused',
      limitMs: () => Infinity,
      against: ratio,
    }),
    ...(api === undefined ? [] : callFigures(api)),
  ];
}

function failedRequests(runs: readonly Measurement[]): Figure[] {
  const failedOf = (contender: Contender): number[] =>
    runs
      .filter((run) => run.kind === 'upgrade' && run.contender === contender)
      .map(({ failed }) => failed);
  const [baseline, belay] = [failedOf('baseline'), failedOf('belay')];
  if (baseline.length === 0 || belay.length === 0) return [];
  const seen = spreadOf(belay);
  return [
    {
      name: 'upgrade: failed requests, 100 a second',
      unit: 'requests',
      baseline: spreadOf(baseline),
      belay: seen,
      against: '',
      asked: '0',
      met: seen.max === 0,
    },
  ];
}

interface Rule {
  readonly name: string;
  readonly kind: Kind;
  /** The time of a run that counts; nothing when it has none. */
  readonly time: (run: Measurement) => number | undefined;
  readonly asked: string;
  /** The longest that belay may take, by the baseline's median. */
  readonly limitMs: (baselineMs: number) => number;
  readonly against: (baselineMs: number, belayMs: number) => string;
}

/** One figure of medians; none while either contender has no run of this kind. */
function compared(
  runs: readonly Measurement[],
  { name, kind, time, asked, limitMs, against }: Rule,
): Figure[] {
  const timesOf = (contender: Contender): number[] =>
    runs
      .filter((run) => run.kind === kind && run.contender === contender)
      .flatMap((run) => time(run) ?? []);
  const [ofBaseline, ofBelay] = [timesOf('baseline'), timesOf('belay')];
  if (ofBaseline.length === 0 || ofBelay.length === 0) return [];
  const [baseline, belay] = [spreadOf(ofBaseline), spreadOf(ofBelay)];
  const met = belay.median <= limitMs(baseline.median);
  const compare = against(baseline.median, belay.median);
  return [{ name, unit: 'ms', baseline, belay, against: compare, asked, met }];
}

function callFigures(api: ApiCalls): Figure[] {
  const figure = (name: string, value: number, asked: string, most = Infinity): Figure => ({
    name,
    unit: 'calls',
    baseline: undefined,
    belay: spreadOf([value]),
    against: '',
    asked,
    met: value <= most,
  });
  return [
    {
      ...figure('API calls in an upgrade, helm’s own included', api.belay + api.belaysHelm, ''),
      baseline: spreadOf([api.baseline]),
    },
    figure('API calls of belay itself', api.belay, ''),
    figure('API calls a second while it watches the rollout', api.perSecond, '≤ 5', 5),
    figure('API calls in the busiest second of watching', api.busiestSecond, ''),
  ];
}

const wallMs = (run: Measurement): number => run.wallMs;

/** The whole command, for a contender that does nothing but swap. */
function swapMs(run: Measurement): number | undefined {
  if (run.contender === 'baseline') return run.wallMs;
  return run.phases?.find(({ phase }) => phase === 'swap')?.ms;
}
