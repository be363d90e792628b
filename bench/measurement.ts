import type { Contender } from './contenders.ts';
import type { PhaseTime } from './phases.ts';

/** What one run showed. */
export interface Measurement {
  readonly contender: Contender;
  /** `upgrade`: to a good release. `crash`: to one that exits at start, and back. */
  readonly kind: 'upgrade' | 'crash';
  /** From the start of the command to its end. */
  readonly wallMs: number;
  /** The longest time between two healthy answers. */
  readonly gapMs: number;
  /** From the first question without a healthy answer to the next healthy answer. */
  readonly recoveryMs: number;
  /** Belay only: events in the operation's history. */
  readonly events?: number;
  /** Belay only: where the wall time went. */
  readonly phases?: readonly PhaseTime[];
}

/** What the engine cost over all runs. */
export interface Footprint {
  /** The most memory that `belay up` ever had resident. */
  readonly workerPeakBytes: number;
  /** The same of the embedded Temporal server, for comparison: nothing is asked of it. */
  readonly serverPeakBytes: number;
  /** Worker and server together while nothing is open, in percent of one core. */
  readonly idlePercent: number;
}

/** Everything that the bench found. */
export interface Measured {
  readonly runs: readonly Measurement[];
  /** Undefined when the bench ended early. */
  readonly footprint: Footprint | undefined;
}
