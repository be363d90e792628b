/** What went wrong, read back from what the SDK throws. */
import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { Fault, Refusal } from '../domain/errors.ts';

/** A failure of an operation's phase. */
export interface Failed {
  readonly fault: Fault | 'stopped';
  readonly reasons: readonly Refusal[];
}

const FAULTS: readonly string[] = [
  'environment',
  'release',
  'request',
  'claim',
  'unknown',
] satisfies Fault[];

/** Every failure has a fault; what carries none is `unknown`. */
export function failedBy(error: unknown): Failed {
  if (isCancellation(error)) return { fault: 'stopped', reasons: [] };
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && cause.type && FAULTS.includes(cause.type)) {
    return { fault: cause.type as Fault, reasons: reasonsOf(cause) };
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return {
    fault: 'unknown',
    reasons: [
      {
        code: 'unexpected',
        message: `An unexpected failure: ${message}`,
        remedy: 'Look at the evidence, then `retry`, `rollBack` or `keep`',
      },
    ],
  };
}

function reasonsOf(failure: ApplicationFailure): readonly Refusal[] {
  const [refusals] = failure.details ?? [];
  if (Array.isArray(refusals) && refusals.every(isRefusal)) return refusals;
  return [{ code: failure.type ?? 'unknown', message: failure.message, remedy: '' }];
}

function isRefusal(value: unknown): value is Refusal {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    'message' in value &&
    'remedy' in value
  );
}
