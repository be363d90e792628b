import { describe, expect, it } from 'vitest';
import { decideAfterFailure, type FailureSituation } from './decide.ts';

const plain: FailureSituation = {
  fault: 'release',
  swapped: true,
  goal: 'forward',
  operation: 'upgrade',
  onFailure: 'automatic',
  fromWasHealthy: true,
};

describe('decideAfterFailure', () => {
  const faults = ['environment', 'release', 'request', 'claim', 'unknown', 'stopped'] as const;

  it.each(faults)('refuses before the swap, whosever fault it was: %s', (fault) => {
    expect(decideAfterFailure({ ...plain, fault, swapped: false })).toBe('refuse');
  });

  it.each(faults)('parks when the way back fails: %s', (fault) => {
    expect(decideAfterFailure({ ...plain, fault, goal: 'back' })).toBe('park');
  });

  it.each([
    ['environment', 'unwind'],
    ['release', 'unwind'],
    ['request', 'unwind'],
    ['stopped', 'unwind'],
    ['claim', 'park'],
    ['unknown', 'park'],
  ] as const)('after the swap: %s → %s', (fault, decision) => {
    expect(decideAfterFailure({ ...plain, fault })).toBe(decision);
  });

  it('parks where the deployment says so, but obeys a person', () => {
    expect(decideAfterFailure({ ...plain, onFailure: 'park' })).toBe('park');
    expect(decideAfterFailure({ ...plain, onFailure: 'park', fault: 'stopped' })).toBe('unwind');
  });

  it('does not go back to a version that was sick', () => {
    const rollback = { ...plain, operation: 'rollback' } as const;
    expect(decideAfterFailure({ ...rollback, fromWasHealthy: false })).toBe('park');
    expect(decideAfterFailure({ ...rollback, fromWasHealthy: true })).toBe('unwind');
  });
});
