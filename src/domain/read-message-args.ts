/**
 * A message's argument comes from JSON, so it may be anything at all.
 */
import type { MessageArgs, MessageName } from './message-names.ts';

/** Messages that throw work away, or accept it unproven, say why. */
const NEEDS_REASON: readonly MessageName[] = ['reject', 'rollBack', 'keep', 'abort'];

/** Names and reasons are kept in the history: no novels. */
const MAX_LENGTH = { by: 200, reason: 2_000 } as const;

/** Reads `{by, reason}`; `by` is always required, `reason` where the message throws work away. */
export function readMessageArgs(
  message: MessageName,
  args: unknown,
): MessageArgs | { readonly refused: string } {
  const by = textOf(args, 'by');
  const reason = textOf(args, 'reason');
  const example = `${message} takes {"by":"who you are","reason":"why"}`;
  if (by === undefined || by === '') return { refused: `"by" is missing: ${example}` };
  if (reason === undefined) return { refused: `"reason" is not a text: ${example}` };
  if (reason === '' && NEEDS_REASON.includes(message)) {
    return { refused: `"reason" is missing: ${example}` };
  }
  if (by.length > MAX_LENGTH.by || reason.length > MAX_LENGTH.reason) {
    const limits = `at most ${MAX_LENGTH.by} and ${MAX_LENGTH.reason} characters`;
    return { refused: `"by" or "reason" is too long (${limits})` };
  }
  return { by, reason };
}

/** A member of `args` without surrounding blanks; '' when it is missing, undefined when it is no text. */
function textOf(args: unknown, name: string): string | undefined {
  if (typeof args !== 'object' || args === null || !Object.hasOwn(args, name)) return '';
  const value: unknown = Reflect.get(args, name);
  return typeof value === 'string' ? value.trim() : undefined;
}

/** Why an approval does not name the plan that waits, or undefined when it does. */
export function whyNotThisPlan(digest: string | undefined, args: unknown): string | undefined {
  const named = textOf(args, 'planDigest');
  if (named === undefined || named === '') {
    return '"planDigest" is missing: name the plan that you approve, as `belay status` shows it';
  }
  if (named === digest) return undefined;
  return `the plan that waits is ${digest ?? 'not known yet'}, not ${named}: read it again, then approve it`;
}
