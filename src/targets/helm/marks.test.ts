import { expect, it } from 'vitest';
import type { Claim } from '../../domain/target.ts';
import { markArgs } from './marks.ts';

const claim: Claim = {
  deployment: 'globex',
  operation: 'upgrade',
  engine: 'cluster/default',
  workflowId: 'deployment/globex',
  runId: 'r1',
  planDigest: 'sha256:0123456789abcdef',
  fromVersion: '1.2.2',
  toVersion: '1.3.0',
  fromPins: {},
  toPins: {},
  startedAt: '2026-03-26T10:00:00.123Z',
  children: [],
};
const labels = (made: Claim, revision: number) => markArgs(made, revision).at(-1) ?? '';

it('describes a revision for people, and labels it for belay', () => {
  expect(markArgs(claim, 7)).toEqual([
    '--description',
    'belay upgrade 1.2.2 → 1.3.0 (run r1)',
    '--labels',
    'belay.dev/operation=2026-03-26T10-00-00-123Z-sha256-01234,belay.dev/revision=7',
  ]);
});

it('labels with what a cluster takes', () => {
  for (const label of labels(claim, 7).split(','))
    expect(label.split('=')[1]).toMatch(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,61}[A-Za-z0-9]$|^\d$/);
});

it('is the same for the run that takes over, and another for the next operation', () => {
  expect(labels({ ...claim, runId: 'r2' }, 7)).toBe(labels(claim, 7));
  expect(labels({ ...claim, startedAt: '2026-03-26T11:00:00.123Z' }, 7)).not.toBe(labels(claim, 7));
});
