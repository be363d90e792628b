/** Figures as Markdown tables. */
import type { PhaseTime } from './phases.ts';
import { spreadOf, type Spread } from './statistics.ts';

/** One figure. Times are in milliseconds. */
export interface Figure {
  readonly name: string;
  readonly unit: 'ms' | 'events' | 'requests' | 'calls' | 'MB' | '%';
  /** The baseline's measurements; undefined for what it does not have. */
  readonly baseline: Spread | undefined;
  readonly belay: Spread;
  /** Belay against the baseline, by the medians. */
  readonly against: string;
  readonly asked: string;
  readonly met: boolean;
}

/** One row for each figure. */
export function figureTable(figures: readonly Figure[]): string[] {
  return [
    '| figure | baseline: median (min–max, runs) | belay: median (min–max, runs) | belay against it | asked | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...figures.map(({ name, unit, baseline, belay, against, asked, met }) =>
      row(name, baseline ? spread(baseline, unit) : '', spread(belay, unit), against, asked, met),
    ),
  ];
}

/** Medians phase by phase, of upgrades and of those that were taken back. */
export function phaseTable(
  runs: readonly { readonly kind: string; readonly phases?: readonly PhaseTime[] }[],
): string[] {
  const times = new Map<string, { readonly upgrade: number[]; readonly crash: number[] }>();
  for (const { kind, phases = [] } of runs) {
    for (const { phase, ms } of phases) {
      const of = times.get(phase) ?? { upgrade: [], crash: [] };
      of[kind === 'upgrade' ? 'upgrade' : 'crash'].push(ms);
      times.set(phase, of);
    }
  }
  if (times.size === 0) return [];
  const cell = (values: readonly number[]): string =>
    values.length === 0 ? '' : spread(spreadOf(values), 'ms');
  return [
    '| where belay’s time goes | upgrade | crashing release |',
    '| --- | --- | --- |',
    ...[...times].map(([phase, { upgrade, crash }]) => row(phase, cell(upgrade), cell(crash))),
  ];
}

/** One row; a truth becomes a mark. */
function row(...cells: readonly (string | boolean)[]): string {
  const text = cells.map((cell) => (typeof cell === 'string' ? cell : cell ? '✓' : '✗'));
  return `| ${text.join(' | ')} |`;
}

/** The median, and the range and number of measurements if there are several. */
function spread({ median, min, max, count }: Spread, unit: Figure['unit']): string {
  if (count === 1) return amount(median, unit);
  return `${amount(median, unit)} (${number(min, unit)}–${number(max, unit)}, ${count})`;
}

function amount(value: number, unit: Figure['unit']): string {
  return `${number(value, unit)} ${unit === 'ms' ? 's' : unit}`;
}

function number(value: number, unit: Figure['unit']): string {
  if (unit === 'ms') return (value / 1000).toFixed(2);
  const fine = unit === '%' || (unit === 'calls' && !Number.isInteger(value));
  return fine ? value.toFixed(1) : String(Math.round(value));
}

/** Belay's time as a multiple of the baseline's. */
export function ratio(baselineMs: number, belayMs: number): string {
  return `${(belayMs / baselineMs).toFixed(2)} ×`;
}

/** Belay's time beyond the baseline's. */
export function difference(baselineMs: number, belayMs: number): string {
  const ms = belayMs - baselineMs;
  return `${ms < 0 ? '−' : '+'}${(Math.abs(ms) / 1000).toFixed(2)} s`;
}
