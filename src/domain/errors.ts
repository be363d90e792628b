/**
 * Errors named by their consequence: whose fault a failure is decides what happens next.
 */

/**
 * - `environment`: the world around (registry down, daemon restarting): retried with backoff;
 * - `release`: the new version is bad: unwound;
 * - `request`: what was asked can't be done: refused;
 * - `claim`: another operation's claim lies beside the deployment: nothing may be changed under it;
 * - `unknown`: nobody can say: parked.
 */
export type Fault = 'environment' | 'release' | 'request' | 'claim' | 'unknown';

/** One reason for a "no", with what to do about it. `code` is stable and machine-readable. */
export interface Refusal {
  readonly code: string;
  /** Names the file, deployment and value that were wrong. */
  readonly message: string;
  /** What the operator can do next. */
  readonly remedy: string;
}

/** A failure whose fault is known. Carries one refusal or, from preflight, all reasons at once. */
export class BelayError extends Error {
  readonly fault: Fault;
  readonly code: string;
  readonly remedy: string;
  /** All reasons together; at least one, whose first is repeated in this error's own fields. */
  readonly refusals: readonly Refusal[];

  constructor(fault: Fault, reasons: Refusal | readonly Refusal[], options?: ErrorOptions) {
    const refusals = 'code' in reasons ? [reasons] : reasons;
    const first = refusals[0] ?? { code: 'unknown', message: 'no reason was given', remedy: '' };
    super(refusals.map((refusal) => refusal.message).join('\n'), options);
    this.name = 'BelayError';
    this.fault = fault;
    this.code = first.code;
    this.remedy = first.remedy;
    this.refusals = refusals;
  }
}

/** Shorthand for the commonest form: one reason. */
export function failure(
  fault: Fault,
  code: string,
  message: string,
  remedy: string,
  cause?: unknown,
): BelayError {
  return new BelayError(
    fault,
    { code, message, remedy },
    cause === undefined ? undefined : { cause },
  );
}
