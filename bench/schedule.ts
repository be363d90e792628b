import type { Contender } from './contenders.ts';
import type { Measurement } from './measurement.ts';

/** One run that is to be made. */
export interface Turn {
  readonly contender: Contender;
  readonly kind: Measurement['kind'];
}

/** How many runs of each kind each contender makes. */
export interface Amounts {
  /** Plain upgrades of each contender, and crashing releases of belay. */
  readonly runs: number;
  /** Crashing releases of the baseline, which needs over 90 s for each; at most `runs`. */
  readonly crashRuns: number;
}

/**
 * The order of all runs: the contenders alternate, and who is first alternates too, so that a machine that
 * slows down or warms up favours neither. The baseline's few crash runs are spread over the rounds.
 */
export function scheduleOf({ runs, crashRuns }: Amounts): Turn[] {
  return Array.from({ length: runs }, (_, round): Turn[] => {
    const order: Contender[] = round % 2 === 0 ? ['baseline', 'belay'] : ['belay', 'baseline'];
    const share = (rounds: number): number => Math.floor((rounds * crashRuns) / runs);
    const baselineCrashes = share(round + 1) > share(round);
    return [
      ...order.map((contender): Turn => ({ contender, kind: 'upgrade' })),
      ...order
        .filter((contender) => contender === 'belay' || baselineCrashes)
        .map((contender): Turn => ({ contender, kind: 'crash' })),
    ];
  }).flat();
}
