import { describe, expect, it } from 'vitest';
import { spreadOf } from './statistics.ts';

describe('spreadOf', () => {
  it.each([
    { of: [7], median: 7, min: 7, max: 7 },
    { of: [3, 1, 2], median: 2, min: 1, max: 3 },
    { of: [4, 1, 3, 2], median: 2.5, min: 1, max: 4 },
    { of: [10, 9, 100], median: 10, min: 9, max: 100 },
  ])('of $of', ({ of, ...expected }) => {
    expect(spreadOf(of)).toEqual({ ...expected, count: of.length });
  });

  it('leaves the measurements in their order', () => {
    const values = [3, 1, 2];
    spreadOf(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('says that nothing was measured, or not a number', () => {
    expect(() => spreadOf([])).toThrow('nothing was measured');
    expect(() => spreadOf([1, Number.NaN])).toThrow('not every measurement is a number');
  });
});
