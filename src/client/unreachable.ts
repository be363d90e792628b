/**
 * Failures to reach Temporal, told from everything that Temporal answered.
 */
import { failure } from '../domain/errors.ts';
import type { BelayError } from '../domain/errors.ts';

/** gRPC codes after which the same call may succeed: cancelled, deadline exceeded, resource exhausted, unavailable. */
const PASSING_CODES: readonly unknown[] = [1, 4, 8, 14];
const PERMISSION_CODES: readonly unknown[] = [7, 16];

/** Whether Temporal could not be reached, or not in time. */
export function isUnreachable(error: unknown): boolean {
  return PASSING_CODES.includes(grpcCode(error));
}

/** The error of a call, in words; what Temporal itself answered is passed on as it is. */
export function explainCall(error: unknown, address: string): unknown {
  const code = grpcCode(error);
  if (code === undefined) return error;
  const details = detailsOf(error);
  if (PERMISSION_CODES.includes(code)) {
    return temporalFailure(
      'temporal-permission',
      `refuses these credentials: ${details}`,
      address,
      error,
    );
  }
  return isUnreachable(error)
    ? temporalFailure('temporal-unreachable', `does not answer: ${details}`, address, error)
    : temporalFailure('temporal-call', `answered: ${details}`, address, error);
}

function temporalFailure(code: string, what: string, address: string, cause: unknown): BelayError {
  const remedy =
    'Look with `belay doctor`; check TEMPORAL_* variables and the profile, if you use them';
  return failure('environment', code, `Temporal at ${address} ${what}`, remedy, cause);
}

/** The gRPC status code of an error or of what caused it. */
function grpcCode(error: unknown): number | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'number') return at.code;
  }
  return undefined;
}

function detailsOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if ('details' in at && typeof at.details === 'string' && at.details) return at.details;
  }
  return error instanceof Error ? error.message : String(error);
}
