/** What the bench prints: Markdown. */
import { figuresOf } from './figures.ts';
import type { Measured } from './measurement.ts';
import { figureTable, phaseTable } from './table.ts';

/** The tables: the figures, and where belay's time goes. */
export function renderReport(measured: Measured): string {
  return [...figureTable(figuresOf(measured)), '', ...phaseTable(measured.runs), ''].join('\n');
}
