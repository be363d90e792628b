import { describe, expect, test } from 'vitest';
import type { View } from '../../client/view.ts';
import type { Phase, Status } from '../../domain/operation.ts';
import { plain } from '../output.ts';
import { activityText, progressBlock } from './progress.ts';

const START = Date.parse('2026-03-26T10:00:00.000Z');
const at = (seconds: number) => new Date(START + seconds * 1_000).toISOString();

function status(
  entries: readonly (readonly [number, Phase, string])[],
  more: Partial<Status> = {},
): Status {
  const last = entries.at(-1);
  return {
    deployment: 'acme',
    operation: 'upgrade',
    runId: 'run',
    from: '1.2.2',
    to: '1.3.0',
    by: 'ada@host',
    phase: last?.[1] ?? 'loading',
    startedAt: at(0),
    phaseSince: at(last?.[0] ?? 0),
    held: false,
    evidence: [],
    reasons: [],
    timeline: entries.map(([seconds, phase, text]) => ({ at: at(seconds), phase, text })),
    accepts: [],
    ...more,
  };
}

function view(found: Status | undefined, more: Partial<View> = {}): View {
  return {
    deployment: 'acme',
    workflowId: 'deployment/acme',
    runId: 'run',
    operation: 'upgrade',
    open: true,
    state: 'RUNNING',
    startedAt: at(0),
    ...(found && { status: found }),
    workerAway: false,
    pending: [],
    ...more,
  };
}

const UP_TO_FETCH = [
  [0, 'loading', 'reading'],
  [1, 'observing', 'looking'],
  [2, 'planning', 'planned'],
  [2.5, 'claiming', 'claimed'],
  [3, 'backup', 'dumping'],
  [7, 'fetch', 'pulling 1 image'],
] as const;

const block = (shown: View, seconds: number) =>
  progressBlock(shown, START + seconds * 1_000, plain);

describe('a block', () => {
  test('shows what is done, what runs and what is ahead', () => {
    const pending = [
      {
        name: 'fetch',
        attempt: 1,
        running: true,
        heartbeat: {
          progress: { step: 'pulling', doneBytes: 45_100_000, totalBytes: 104_000_000 },
        },
      },
    ];
    expect(block(view(status(UP_TO_FETCH), { pending }), 10)).toEqual([
      'upgrade acme 1.2.2 → 1.3.0 · 10s · by ada@host',
      '  ✓ check        2.5s',
      '  ✓ claim       500ms',
      '  ✓ backup         4s',
      '  ▸ fetch          3s  pulling 1 image',
      '  · swap',
      '  · migrate',
      '  · judge',
      '  · settle',
      '    pulling 45.1 MB of 104.0 MB',
    ]);
  });

  test('shows where it failed, and the way back', () => {
    const entries = [
      ...UP_TO_FETCH,
      [10, 'swap', 'replacing'],
      [12, 'judge', 'container exited with 1'],
      [13, 'evidence', 'capturing'],
      [14, 'unwind', 'going back'],
    ] as const;
    expect(block(view(status(entries)), 15).slice(4)).toEqual([
      '  ✓ fetch          3s',
      '  ✓ swap           2s',
      '  – migrate',
      '  ✗ judge          1s  container exited with 1',
      '  ✓ evidence       1s',
      '  ▸ unwind         1s  going back',
      '  · settle',
    ]);
  });

  test('shows a parked operation as stuck, not as going on', () => {
    const entries = [...UP_TO_FETCH, [10, 'parked', 'nobody can say']] as const;
    expect(block(view(status(entries)), 11).slice(4)).toEqual([
      '  ✗ fetch          3s  pulling 1 image',
      '  – swap',
      '  – migrate',
      '  – judge',
      '  – settle',
      '  ✗ parked      nobody can say',
    ]);
  });

  test('of a rollback has no backup and no migrations', () => {
    const entries = [
      [0, 'loading', 'reading'],
      [1, 'swap', 'going back'],
    ] as const;
    const lines = block(view(status(entries, { operation: 'rollback' })), 2);
    expect(lines.join('\n')).not.toMatch(/backup|migrate/);
    expect(lines.slice(-3)).toEqual([
      '  ▸ swap           1s  going back',
      '  · judge',
      '  · settle',
    ]);
  });

  test('says what is waited for, a hold, and that no worker answers', () => {
    const waiting = { on: 'the registry', since: at(8), remedy: 'start it' };
    expect(block(view(status(UP_TO_FETCH, { waiting, held: true })), 10).slice(-3)).toEqual([
      '  held: goes on after `belay resume`',
      '  waiting for the registry (2s)',
      '  → start it',
    ]);
    expect(block(view(undefined, { workerAway: true }), 10)).toEqual([
      'upgrade acme · 10s',
      '  running, started 2026-03-26T10:00:00.000Z',
      '  no worker answers: the operation goes on when one is back (belay up)',
    ]);
  });

  test('of a closed operation stands still', () => {
    const closed = view(status([...UP_TO_FETCH, [9, 'closed', 'ended: refused']]), {
      open: false,
      state: 'FAILED',
      closedAt: at(9),
    });
    expect(block(closed, 5_000)).toEqual(block(closed, 6_000));
    expect(block(closed, 5_000)[0]).toContain('· 9s');
  });
});

describe('an activity', () => {
  test.each([
    [{ name: 'swap', attempt: 1, running: true }, undefined],
    [
      { name: 'swap', attempt: 3, running: true, lastFailure: 'refused\nat x' },
      'swap, attempt 3: refused',
    ],
    [
      { name: 'swap', attempt: 2, running: false, nextAttemptAt: at(4) },
      'swap, attempt 2 · again in 4s',
    ],
    [
      { name: 'fetch', attempt: 1, running: true, heartbeat: { waitingOn: 'the registry' } },
      'waiting for the registry',
    ],
  ])('%j reads %j', (activity, text) => {
    expect(activityText(activity, START)).toBe(text);
  });
});
