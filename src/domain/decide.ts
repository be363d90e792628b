/**
 * What a failure leads to. One pure table, so that nobody has to search the workflow for it.
 */
import type { Fault } from './errors.ts';

/** Everything that the decision needs. */
export interface FailureSituation {
  /** Whose fault it was; `stopped` when a person (or the UI) asked to stop or to go back. */
  readonly fault: Fault | 'stopped';
  /** Whether the running state may have been changed: true from the moment a swap was asked for. */
  readonly swapped: boolean;
  /** Which way the operation was going. */
  readonly goal: 'forward' | 'back';
  readonly operation: 'upgrade' | 'rollback';
  readonly onFailure: 'automatic' | 'park';
  /** Whether what ran before was seen healthy, so that going back to it makes sense. */
  readonly fromWasHealthy: boolean;
}

/** What follows. */
export type Decision = 'refuse' | 'unwind' | 'park';

/**
 * - Before the swap nothing was changed: refused, whosever fault it was.
 * - A failed way back parks: neither version could be proven.
 * - A claim that is not ours any more parks: acting under another operation's claim is never right.
 * - A person's wish to go back, a bad release and an exhausted environment unwind, unless the deployment says `park`.
 * - A `rollback` whose target is bad goes forward again only to a version that was seen healthy.
 */
export function decideAfterFailure(situation: FailureSituation): Decision {
  const { fault, swapped, goal, onFailure, operation, fromWasHealthy } = situation;
  if (goal === 'back') return 'park';
  if (!swapped) return 'refuse';
  if (fault === 'stopped') return 'unwind';
  if (fault === 'claim' || fault === 'unknown') return 'park';
  if (onFailure === 'park') return 'park';
  if (operation === 'rollback' && !fromWasHealthy) return 'park';
  return 'unwind';
}
