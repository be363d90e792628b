import { expect, test } from 'vitest';
import type { Outcome } from '../../domain/operation.ts';
import { plain } from '../output.ts';
import { outcomeLines } from './outcome.ts';

const base: Outcome = {
  outcome: 'succeeded',
  deployment: 'acme',
  operation: 'upgrade',
  from: '1.2.2',
  to: '1.3.0',
  serving: '1.3.0',
  reasons: [],
  proven: true,
  evidence: [],
  startedAt: '2026-03-26T10:00:00.000Z',
  endedAt: '2026-03-26T10:00:12.000Z',
};
const reasons = [{ code: 'exited', message: 'it exited with 1', remedy: 'read its log' }];
const evidence = [{ name: 'log', path: '/e/app.log', bytes: 2_000, sha256: 'ab' }];

const first = (outcome: Partial<Outcome>) => outcomeLines({ ...base, ...outcome }, plain)[0];

test.each<[Partial<Outcome>, string]>([
  [{}, '✓ acme runs 1.3.0 (was 1.2.2) · 12s'],
  [{ proven: false }, '! acme runs 1.3.0 (was 1.2.2), kept by an operator without proof · 12s'],
  [
    { outcome: 'rolled-back', serving: '1.2.2' },
    '↺ acme is back on 1.2.2: 1.3.0 was taken back · 12s',
  ],
  [
    { operation: 'rollback', from: '1.3.0', to: '1.2.2', serving: '1.2.2' },
    '✓ acme runs 1.2.2 (was 1.3.0) · 12s',
  ],
  [{ outcome: 'refused' }, '✗ upgrade of acme was refused: nothing was changed · 12s'],
  [{ outcome: 'parked' }, '‖ upgrade of acme is parked: no version could be proven · 12s'],
])('%j', (outcome, line) => {
  expect(first(outcome)).toBe(line);
});

test('reasons, evidence and what to do follow', () => {
  const lines = outcomeLines({ ...base, outcome: 'parked', reasons, evidence }, plain);
  expect(lines.slice(1, 4)).toEqual([
    '  ✗ it exited with 1',
    '    → read its log',
    '  evidence: /e/app.log (2.0 kB)',
  ]);
  for (const command of ['retry', 'rollback', 'keep', 'abort', 'status']) {
    expect(lines.join('\n')).toContain(`belay ${command} acme`);
  }
});
