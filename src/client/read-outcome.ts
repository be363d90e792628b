/**
 * Endings as they come back from Temporal: a result, a failure that carries the outcome, or an end from outside.
 */
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { failure } from '../domain/errors.ts';
import type { BelayError } from '../domain/errors.ts';
import { CLOSING_FAILURES } from '../domain/messages.ts';
import type { Ending, Outcome } from '../domain/operation.ts';

const ENDINGS: readonly Ending[] = ['refused', 'succeeded', 'rolled-back', 'parked'];

/** Whether a value from a payload is an outcome; another version of belay may have written it. */
export function isOutcome(value: unknown): value is Outcome {
  if (typeof value !== 'object' || value === null) return false;
  if (!('outcome' in value && 'reasons' in value && 'deployment' in value)) return false;
  return ENDINGS.some((ending) => ending === value.outcome) && Array.isArray(value.reasons);
}

/** The outcome that a closing failure carries, or undefined when the failure is of another kind. */
export function outcomeOfFailure(error: unknown): Outcome | undefined {
  if (!(error instanceof WorkflowFailedError)) return undefined;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure)) return undefined;
  const types: readonly (string | null | undefined)[] = Object.values(CLOSING_FAILURES);
  const detail: unknown = cause.details?.[0];
  return types.includes(cause.type) && isOutcome(detail) ? detail : undefined;
}

/** What is said of an operation that was closed by something else than its own code. */
export function endedOutside(deployment: string, error: unknown): BelayError {
  const cause = error instanceof WorkflowFailedError ? (error.cause ?? error) : error;
  const how = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return failure(
    'unknown',
    'ended-outside',
    `The operation on ${deployment} was closed from outside and did not come to an ending of its own (${how})`,
    `Its claim lies beside the deployment: the next \`belay upgrade\` or \`belay rollback ${deployment}\` goes back from there, or parks`,
    error,
  );
}
