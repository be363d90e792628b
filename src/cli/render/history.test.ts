import { expect, test } from 'vitest';
import type { ListedRun } from '../../client/list.ts';
import type { HistoryLine } from '../../domain/record.ts';
import { plain } from '../output.ts';
import { historyLines, mergeHistory } from './history.ts';

const line: HistoryLine = {
  stamp: '20260326T100000',
  kind: 'success',
  from: '1.2.2',
  to: '1.3.0',
  log: '/l/upgrade.log',
};
const run: ListedRun = {
  deployment: 'acme',
  operation: 'upgrade',
  runId: 'r1',
  open: false,
  from: '1.2.2',
  to: '1.3.0',
  outcome: 'succeeded',
  state: 'COMPLETED',
  startedAt: '2026-03-26T10:00:00.412Z',
  closedAt: '2026-03-26T10:00:12.000Z',
};

test('a run and its line are one entry', () => {
  expect(mergeHistory([line], [run])).toEqual([
    {
      stamp: line.stamp,
      operation: 'upgrade',
      from: '1.2.2',
      to: '1.3.0',
      ending: 'succeeded',
      log: '/l/upgrade.log',
      runId: 'r1',
    },
  ]);
});

test('what changed nothing, and what was closed from outside, comes from Temporal alone', () => {
  const refused = { ...run, runId: 'r2', outcome: 'refused', state: 'FAILED' };
  const { outcome: _, ...without } = run;
  const killed = {
    ...without,
    runId: 'r3',
    state: 'TERMINATED',
    startedAt: '2026-03-27T00:00:00Z',
  };
  expect(
    mergeHistory([line], [killed, refused, run]).map(({ ending, runId }) => [runId, ending]),
  ).toEqual([
    ['r1', 'succeeded'],
    ['r2', 'refused'],
    ['r3', 'terminated from outside'],
  ]);
});

test('the record stands without Temporal', () => {
  const back: HistoryLine = {
    ...line,
    stamp: '20260327T000000',
    kind: 'rollback',
    from: '1.3.0',
    to: '1.2.2',
  };
  expect(historyLines('acme', mergeHistory([line, back], []), plain)).toEqual([
    '2026-03-26 10:00:00Z  upgrade   1.2.2 → 1.3.0       succeeded     /l/upgrade.log',
    '2026-03-27 00:00:00Z  rollback  1.3.0 → 1.2.2       succeeded     /l/upgrade.log',
  ]);
  expect(historyLines('acme', [], plain)).toEqual(['acme: nothing was done so far']);
});
