/**
 * What the shell is told.
 */
import { BelayError } from '../domain/errors.ts';
import type { Ending } from '../domain/operation.ts';

/** Exit codes; scripts depend on them. */
export const EXIT = {
  succeeded: 0,
  failed: 1,
  badInput: 2,
  rolledBack: 3,
  parked: 4,
  refused: 5,
  interrupted: 130,
} as const;

/** Bad input that only the running engine could recognise: it was refused, not mistyped. */
const REFUSED_CODES: readonly string[] = ['message-refused', 'not-open', 'operation-open'];

/** The exit code of an ending. A `rollback` that ended as asked is a success. */
export function exitCodeOfEnding(ending: Ending): number {
  switch (ending) {
    case 'succeeded':
      return EXIT.succeeded;
    case 'rolled-back':
      return EXIT.rolledBack;
    case 'parked':
      return EXIT.parked;
    case 'refused':
      return EXIT.refused;
  }
}

/** The exit code of an error. */
export function exitCodeOfError(error: unknown): number {
  if (error instanceof Interrupted) return EXIT.interrupted;
  if (!(error instanceof BelayError)) return EXIT.failed;
  if (error.fault === 'claim' || REFUSED_CODES.includes(error.code)) return EXIT.refused;
  return error.fault === 'request' ? EXIT.badInput : EXIT.failed;
}

/** Somebody pressed Ctrl-C: watching ends, the operation goes on. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}
