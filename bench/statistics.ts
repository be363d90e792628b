/** Median and extremes of some measurements of one kind. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** How many measurements there were. */
  readonly count: number;
}

/**
 * The spread of some measurements; with an even number of them, the median lies between the middle two.
 *
 * @throws RangeError when there are none, or one is no number.
 */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new RangeError('nothing was measured');
  if (sorted.some((value) => !Number.isFinite(value))) {
    throw new RangeError(`not every measurement is a number: ${values.join(', ')}`);
  }
  const middle = sorted.length / 2;
  const below = sorted[Math.ceil(middle) - 1] ?? min;
  const above = sorted[Math.floor(middle)] ?? max;
  return { median: (below + above) / 2, min, max, count: sorted.length };
}
