/**
 * The messages that an open operation takes, and when: validators, signals, `status` and the documentation all ask here.
 */
import { decideMessage } from './decide-message.ts';
import { MESSAGE_NAMES } from './message-names.ts';
import type { MessageName, MessageVerdict, Situation } from './message-names.ts';
import { readMessageArgs, whyNotThisPlan } from './read-message-args.ts';

export { CLOSING_FAILURES, MESSAGE_NAMES, STATUS_QUERY } from './message-names.ts';
export type {
  ApproveArgs,
  ArgsOf,
  MessageAction,
  MessageAnswer,
  MessageArgs,
  MessageName,
  MessageVerdict,
  Situation,
} from './message-names.ts';

/**
 * Decides a message: its arguments (from JSON, so anything at all) and whether the situation takes it. Used as the
 * synchronous validator of updates, for signals, and to fill in `status.accepts`.
 */
export function answerMessage(
  message: MessageName,
  situation: Situation,
  args: unknown,
): MessageVerdict {
  const read = readMessageArgs(message, args);
  if ('refused' in read) return read;
  const decided = decideMessage(message, situation);
  if ('refused' in decided) return decided;
  if (message === 'approve') {
    const refused = whyNotThisPlan(situation.planDigest, args);
    if (refused !== undefined) return { refused };
  }
  return { accepted: true, ...decided, args: read };
}

/** The messages that would be accepted now, given proper arguments. */
export function acceptedMessages(situation: Situation): MessageName[] {
  return MESSAGE_NAMES.filter((message) => 'action' in decideMessage(message, situation));
}
