import { expect, it } from 'vitest';
import { phaseTimes } from './phases.ts';

const at = (seconds: number): string => new Date(seconds * 1000).toISOString();

it('adds up to the time of the command', () => {
  const timeline = [
    { at: at(1), phase: 'loading' },
    { at: at(1.5), phase: 'swap' },
    { at: at(2), phase: 'swap' },
    { at: at(4), phase: 'judge' },
    { at: at(5), phase: 'swap' },
    { at: at(6), phase: 'closed' },
  ];
  expect(phaseTimes(timeline, { startedAtMs: 0, endedAtMs: 6_250 })).toEqual([
    { phase: 'command starts', ms: 1_000 },
    { phase: 'loading', ms: 500 },
    { phase: 'swap', ms: 3_500 },
    { phase: 'judge', ms: 1_000 },
    { phase: 'command ends', ms: 250 },
  ]);
});
