import { describe, expect, it } from 'vitest';
import { scheduleOf, type Turn } from './schedule.ts';

const count = (turns: readonly Turn[], contender: string, kind: string): number =>
  turns.filter((turn) => turn.contender === contender && turn.kind === kind).length;

describe('scheduleOf', () => {
  it.each([
    { runs: 15, crashRuns: 3 },
    { runs: 7, crashRuns: 3 },
    { runs: 2, crashRuns: 2 },
    { runs: 4, crashRuns: 0 },
  ])('has every run of $runs and $crashRuns', ({ runs, crashRuns }) => {
    const turns = scheduleOf({ runs, crashRuns });
    expect(count(turns, 'baseline', 'upgrade')).toBe(runs);
    expect(count(turns, 'belay', 'upgrade')).toBe(runs);
    expect(count(turns, 'belay', 'crash')).toBe(runs);
    expect(count(turns, 'baseline', 'crash')).toBe(crashRuns);
  });

  it('alternates who is first', () => {
    const first = scheduleOf({ runs: 2, crashRuns: 1 }).map(
      ({ contender, kind }) => `${kind} ${contender}`,
    );
    expect(first).toEqual([
      'upgrade baseline',
      'upgrade belay',
      'crash belay',
      'upgrade belay',
      'upgrade baseline',
      'crash belay',
      'crash baseline',
    ]);
  });
});
