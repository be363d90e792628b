/**
 * What the checks of a plan find: reasons against it, and things to know about it.
 */
import type { Refusal } from '../domain/errors.ts';

/** Result of one check. */
export interface Findings {
  readonly refused: readonly Refusal[];
  readonly notes: readonly string[];
}

/** Nothing found. */
export const NOTHING: Findings = { refused: [], notes: [] };

/** One reason against the plan. */
export function refuse(code: string, message: string, remedy: string): Findings {
  return { refused: [{ code, message, remedy }], notes: [] };
}

/** One thing that an approver should read. Its text is part of the digest: no sizes, no times. */
export function note(text: string): Findings {
  return { refused: [], notes: [text] };
}

/** All findings, the same reason only once. */
export function together(...findings: readonly Findings[]): Findings {
  const refused = findings.flatMap((each) => each.refused);
  const first = new Map(refused.map((refusal) => [`${refusal.code} ${refusal.message}`, refusal]));
  return {
    refused: [...first.values()],
    notes: [...new Set(findings.flatMap(({ notes }) => notes))],
  };
}
