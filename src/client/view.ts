/**
 * What can be seen of an operation at one moment: what its workflow knows, and what Temporal knows of its activities.
 */
import type { ActivityHeartbeat, Status } from '../domain/operation.ts';

/** An activity that is scheduled or runs. */
export interface PendingActivity {
  readonly name: string;
  /** 1 is the first. */
  readonly attempt: number;
  /** Whether a worker has it now; otherwise it waits for one, or for its next attempt. */
  readonly running: boolean;
  readonly lastFailure?: string;
  readonly heartbeat?: ActivityHeartbeat;
  /** ISO time of the next attempt, when it waits for one. */
  readonly nextAttemptAt?: string;
}

/** One look at an operation. */
export interface View {
  readonly deployment: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly operation: string;
  readonly open: boolean;
  /** Temporal's word: RUNNING, COMPLETED, FAILED, TERMINATED… */
  readonly state: string;
  readonly startedAt: string;
  readonly closedAt?: string;
  /** Missing when no worker answered in time. */
  readonly status?: Status;
  readonly workerAway: boolean;
  readonly pending: readonly PendingActivity[];
}
