/**
 * Requests, outcomes and the status of an operation: what goes in, what comes out, what is seen meanwhile.
 */
import type { Refusal } from './errors.ts';
import type { Judgement } from './judge.ts';
import type { Plan } from './plan.ts';
import type { Evidence, Progress } from './target.ts';

/** Input of the workflow `upgrade`. */
export interface UpgradeRequest {
  readonly deployment: string;
  readonly to: string;
  /** Path of an offline bundle at the site. */
  readonly bundle?: string;
  readonly by?: string;
  readonly reason?: string;
  /** Wait for an approval, whatever the deployment says. */
  readonly approval?: boolean;
  /** Refuse unless the plan has this digest. */
  readonly planDigest?: string;
  /** `now` ignores the deployment's window. */
  readonly window?: 'now' | 'wait';
  /** Milliseconds; overrides the deployment's. */
  readonly soak?: number;
  readonly evenIfUnhealthy?: boolean;
  /** Names of hazards that are accepted, as the refusal named them. */
  readonly accept?: readonly string[];
}

/** Input of the workflow `rollback`. */
export interface RollbackRequest {
  readonly deployment: string;
  /** Default: the recorded previous version. */
  readonly to?: string;
  /** Instead of a version: this revision of the target's own history. */
  readonly toRevision?: number;
  readonly bundle?: string;
  readonly by?: string;
  readonly reason?: string;
  /** Names of hazards that are accepted. */
  readonly accept?: readonly string[];
}

/** Input of the read-only workflow `plan`. */
export type PlanRequest = Pick<
  UpgradeRequest,
  'deployment' | 'to' | 'bundle' | 'evenIfUnhealthy' | 'accept'
>;

/** Where an operation is. */
export type Phase =
  | 'loading'
  | 'observing'
  | 'planning'
  | 'window'
  | 'approval'
  | 'claiming'
  | 'backup'
  | 'fetch'
  | 'swap'
  | 'migrate'
  | 'judge'
  | 'soak'
  | 'settle'
  | 'evidence'
  | 'unwind'
  | 'judge-old'
  | 'parked'
  | 'closed';

/** The only endings there are. */
export type Ending = 'refused' | 'succeeded' | 'rolled-back' | 'parked';

/** Output of `upgrade` and `rollback`. Refused and parked closings carry it as failure details. */
export interface Outcome {
  readonly outcome: Ending;
  readonly deployment: string;
  readonly operation: 'upgrade' | 'rollback';
  readonly from?: string;
  readonly to?: string;
  /** The version that serves now, as far as it is proven. */
  readonly serving?: string;
  readonly planDigest?: string;
  readonly reasons: readonly Refusal[];
  /** `false` when an operator kept a version that could not be proven. */
  readonly proven: boolean;
  readonly judgement?: Judgement;
  readonly backup?: BackupResult;
  readonly evidence: readonly Evidence[];
  readonly startedAt: string;
  readonly endedAt: string;
  readonly by?: string;
  readonly reason?: string;
}

/** A proven backup. */
export interface BackupResult {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** `full-read`: the archive was read to its end by the server's own tools. */
  readonly proof: 'full-read';
  readonly serverVersion: string;
  readonly tookMs: number;
}

/** One line of an operation's story. */
export interface TimelineEntry {
  /** ISO time. */
  readonly at: string;
  readonly phase: Phase;
  readonly text: string;
}

/** Why an operation is not getting on. */
export interface Waiting {
  readonly on: string;
  readonly since: string;
  readonly remedy: string;
}

/** Answer of the query `status`. */
export interface Status {
  readonly deployment: string;
  readonly operation: 'upgrade' | 'rollback' | 'plan';
  readonly runId: string;
  readonly site?: string;
  readonly from?: string;
  readonly to?: string;
  readonly by?: string;
  readonly reason?: string;
  readonly phase: Phase;
  readonly startedAt: string;
  readonly phaseSince: string;
  readonly held: boolean;
  readonly plan?: Plan;
  readonly waiting?: Waiting;
  readonly judgement?: Judgement;
  readonly backup?: BackupResult;
  readonly evidence: readonly Evidence[];
  readonly reasons: readonly Refusal[];
  readonly timeline: readonly TimelineEntry[];
  /** Messages that would be accepted now. */
  readonly accepts: readonly string[];
  readonly outcome?: Outcome;
}

/** What a running activity last said of itself, in its heartbeat. */
export interface ActivityHeartbeat {
  readonly progress?: Progress;
  /** The environment's fault that it is waiting out inside the activity. */
  readonly waitingOn?: string;
}
