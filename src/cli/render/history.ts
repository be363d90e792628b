/**
 * The history of a deployment, from its record and from Temporal.
 */
import type { ListedRun } from '../../client/list.ts';
import { stampOf } from '../../domain/record.ts';
import type { HistoryLine } from '../../domain/record.ts';
import type { Look, Style } from '../output.ts';

/** One operation that was closed. */
export interface HistoryEntry {
  /** `YYYYMMDDTHHMMSS`, UTC: when it began. */
  readonly stamp: string;
  readonly operation: string;
  readonly from?: string;
  readonly to?: string;
  readonly ending: string;
  readonly log?: string;
  readonly runId?: string;
}

/** Endings that have a line in the record. */
const RECORDED: readonly (string | undefined)[] = ['succeeded', 'rolled-back'];

const ENDING: Readonly<Record<HistoryLine['kind'], string>> = {
  success: 'succeeded',
  rollback: 'succeeded',
  'rolled-back': 'rolled-back',
  kept: 'kept',
};

/** Both sources as one list, the oldest first; a run that has its line in the record is not listed twice. */
export function mergeHistory(
  record: readonly HistoryLine[],
  runs: readonly ListedRun[],
): HistoryEntry[] {
  const runOf = (line: HistoryLine) => runs.find((run) => isRunOf(run, line));
  const recorded = record.map((line): HistoryEntry => {
    const run = runOf(line);
    return {
      stamp: line.stamp,
      operation: line.kind === 'rollback' ? 'rollback' : (run?.operation ?? 'upgrade'),
      from: line.from,
      to: line.to,
      ending: ENDING[line.kind],
      ...(line.log && { log: line.log }),
      ...(run && { runId: run.runId }),
    };
  });
  const known = new Set(recorded.map(({ runId }) => runId));
  const others = runs
    .filter(({ runId }) => !known.has(runId))
    .map((run): HistoryEntry => ({
      stamp: stampOf(run.startedAt),
      operation: run.operation,
      ...(run.from !== undefined && { from: run.from }),
      ...(run.to !== undefined && { to: run.to }),
      ending: run.outcome ?? `${run.state.toLowerCase()} from outside`,
      runId: run.runId,
    }));
  return [...recorded, ...others].sort((a, b) => a.stamp.localeCompare(b.stamp));
}

function isRunOf(run: ListedRun, line: HistoryLine): boolean {
  if (!RECORDED.includes(run.outcome)) return false;
  const end = stampOf(run.closedAt ?? run.startedAt);
  return stampOf(run.startedAt) <= line.stamp && line.stamp <= end;
}

/** A table for people. */
export function historyLines(
  name: string,
  entries: readonly HistoryEntry[],
  style: Style,
): string[] {
  if (entries.length === 0) return [`${name}: nothing was done so far`];
  return entries.map(({ stamp, operation, from, to, ending, log }) => {
    const versions = `${from ?? '?'} → ${to ?? '?'}`;
    const end = style(LOOK[ending] ?? 'bad', ending.padEnd(12));
    return `${dateOf(stamp)}  ${operation.padEnd(8)}  ${versions.padEnd(18)}  ${end}  ${style('dim', log ?? '')}`.trimEnd();
  });
}

const LOOK: Readonly<Record<string, Look>> = {
  succeeded: 'good',
  'rolled-back': 'warn',
  kept: 'warn',
  refused: 'dim',
};

/** `20260326T100000` → `2026-03-26 10:00:00Z`. */
function dateOf(stamp: string): string {
  return stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3 $4:$5:$6Z');
}
