import { expect, test } from 'vitest';
import type { PendingActivity, View } from '../../client/view.ts';
import type { Phase, Status } from '../../domain/operation.ts';
import { changedLines } from './changes.ts';

function view(
  texts: readonly (readonly [Phase, string])[],
  pending: readonly PendingActivity[] = [],
  more: Partial<View> = {},
): View {
  const timeline = texts.map(([phase, text], index) => ({
    at: `2026-03-26T10:00:0${index}.000Z`,
    phase,
    text,
  }));
  const status: Status = {
    deployment: 'acme',
    operation: 'upgrade',
    runId: 'run',
    phase: 'fetch',
    startedAt: '2026-03-26T10:00:00.000Z',
    phaseSince: '2026-03-26T10:00:00.000Z',
    held: false,
    evidence: [],
    reasons: [],
    timeline,
    accepts: [],
  };
  return {
    deployment: 'acme',
    workflowId: 'deployment/acme',
    runId: 'run',
    operation: 'upgrade',
    open: true,
    state: 'RUNNING',
    startedAt: status.startedAt,
    status,
    workerAway: false,
    pending,
    ...more,
  };
}

const first = [['loading', 'reading']] as const;
const second = [...first, ['fetch', 'pulling']] as const;

test('each line of the story is printed once', () => {
  expect(changedLines(undefined, view(first))).toEqual(['10:00:00Z loading    reading']);
  expect(changedLines(view(first), view(first))).toEqual([]);
  expect(changedLines(view(first), view(second))).toEqual(['10:00:01Z fetch      pulling']);
});

test('entries that fell off the beginning of a long story change nothing', () => {
  const later = view(second);
  const status = later.status && { ...later.status, timeline: later.status.timeline.slice(1) };
  expect(changedLines(view(second), { ...later, ...(status && { status }) })).toEqual([]);
});

test('a step is a line, more bytes of it are not', () => {
  const fetching = (doneBytes: number, step = 'layer 1') => [
    { name: 'fetch', attempt: 1, running: true, heartbeat: { progress: { step, doneBytes } } },
  ];
  expect(changedLines(view(first), view(first, fetching(1)))).toEqual(['  layer 1']);
  expect(changedLines(view(first, fetching(1)), view(first, fetching(2)))).toEqual([]);
  expect(changedLines(view(first, fetching(2)), view(first, fetching(3, 'layer 2')))).toEqual([
    '  layer 2',
  ]);
});

test('a retry is a line with its reason; an absent worker is said once', () => {
  const tries = (attempt: number) => [
    { name: 'swap', attempt, running: false, lastFailure: 'daemon away\nat x' },
  ];
  const away = view(first, [], { workerAway: true });
  expect(changedLines(view(first), view(first, tries(2)))).toEqual([
    '  swap, attempt 2: daemon away',
  ]);
  expect(changedLines(view(first, tries(2)), view(first, tries(2)))).toEqual([]);
  expect(changedLines(view(first), away)).toHaveLength(1);
  expect(changedLines(away, away)).toEqual([]);
});
