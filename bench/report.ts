/** What the bench prints: Markdown. */
import { figuresOf, type Figure } from './figures.ts';
import type { Measured, Measurement } from './measurement.ts';
import { spreadOf, type Spread } from './statistics.ts';

/** The tables: the figures, and where belay's time goes. */
export function renderReport(measured: Measured): string {
  return [...figureTable(figuresOf(measured)), '', ...phaseTable(measured.runs), ''].join('\n');
}

function figureTable(figures: readonly Figure[]): string[] {
  return [
    '| figure | baseline: median (min–max, runs) | belay: median (min–max, runs) | belay against it | asked | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...figures.map(({ name, unit, baseline, belay, against, asked, met }) =>
      row(name, baseline ? spread(baseline, unit) : '', spread(belay, unit), against, asked, met),
    ),
  ];
}

/** Medians phase by phase, of upgrades and of those that were taken back. */
function phaseTable(runs: readonly Measurement[]): string[] {
  const times = new Map<string, Record<Measurement['kind'], number[]>>();
  for (const { kind, phases = [] } of runs) {
    for (const { phase, ms } of phases) {
      const of = times.get(phase) ?? { upgrade: [], crash: [] };
      of[kind].push(ms);
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

function row(...cells: readonly (string | boolean)[]): string {
  const text = cells.map((cell) => (typeof cell === 'string' ? cell : cell ? '✓' : '✗'));
  return `| ${text.join(' | ')} |`;
}

function spread({ median, min, max, count }: Spread, unit: Figure['unit']): string {
  if (count === 1) return amount(median, unit);
  return `${amount(median, unit)} (${number(min, unit)}–${number(max, unit)}, ${count})`;
}

function amount(value: number, unit: Figure['unit']): string {
  return `${number(value, unit)} ${unit === 'ms' ? 's' : unit}`;
}

function number(value: number, unit: Figure['unit']): string {
  if (unit === 'ms') return (value / 1000).toFixed(2);
  return unit === '%' ? value.toFixed(1) : String(Math.round(value));
}
