import { expect, test } from 'vitest';
import { plain } from '../output.ts';
import { tableLines } from './status.ts';

const open = {
  deployment: 'acme-prod',
  operation: 'upgrade',
  runId: 'r',
  open: true,
  from: '1.2.2',
  to: '1.3.0',
  phase: 'fetch',
  state: 'RUNNING',
  startedAt: '2026-03-26T10:00:00.000Z',
};

test('open operations first, each deployment once', () => {
  const files = [{ name: 'acme-prod' }, { name: 'zeta' }];
  expect(tableLines([open], files, plain)).toEqual([
    '▸ acme-prod  upgrade 1.2.2 → 1.3.0  fetch',
    '· zeta       nothing open',
  ]);
});

test('a parked one stands out; an open one needs no file', () => {
  expect(tableLines([{ ...open, phase: 'parked' }], [], plain)).toEqual([
    '‖ acme-prod  upgrade 1.2.2 → 1.3.0  parked',
  ]);
});

test('nothing at all says what to do', () => {
  expect(tableLines([], [], plain)[0]).toContain('belay schema deployment');
});
