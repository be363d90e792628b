import type { Contender } from '../contenders.ts';
import type { PhaseTime } from '../phases.ts';

/** `upgrade`: to a good release. `crash`: to one that exits at start. `missing`: to one without an image. */
export type Kind = 'upgrade' | 'crash' | 'missing';

/** One run that is to be made. */
export interface Turn {
  readonly contender: Contender;
  readonly kind: Kind;
}

/** What one run showed. */
export interface Measurement extends Turn {
  /** From the start of the command to its end, which is when every pod is where it must be. */
  readonly wallMs: number;
  /** Requests through the Service meanwhile, and those without a healthy answer. */
  readonly asked: number;
  readonly failed: number;
  /** Belay only: events in the operation's history, and where the wall time went. */
  readonly events?: number;
  readonly phases?: readonly PhaseTime[];
}

/** Requests to the API server in one upgrade. */
export interface ApiCalls {
  /** Of `helm upgrade --wait`. */
  readonly baseline: number;
  /** Of belay itself, and of the helm programs that it ran. */
  readonly belay: number;
  readonly belaysHelm: number;
  /** Belay itself while it watched a rollout: in the median of the seconds, and in the busiest one. */
  readonly perSecond: number;
  readonly busiestSecond: number;
}

/** Everything that the bench found. */
export interface Measured {
  readonly runs: readonly Measurement[];
  /** Undefined when the bench ended early. */
  readonly api: ApiCalls | undefined;
}
