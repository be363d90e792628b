/**
 * The messages that an open operation takes, as plain names and types: a client needs no workflow code to send them.
 */
import type { Phase } from './operation.ts';

/** The query that answers with a `Status`. */
export const STATUS_QUERY = 'status';

/** Messages, each both an update (validated at once) and a signal (for tools that know no updates). */
export const MESSAGE_NAMES = [
  'approve',
  'reject',
  'hold',
  'resume',
  'rollBack',
  'restore',
  'keep',
  'retry',
  'abort',
] as const;

/** One of {@link MESSAGE_NAMES}. */
export type MessageName = (typeof MESSAGE_NAMES)[number];

/** Who sends a message, and why: the audit trail. `reason` may be empty where a message undoes nothing. */
export interface MessageArgs {
  readonly by: string;
  readonly reason: string;
}

/** `approve` names the plan that it approves. */
export interface ApproveArgs extends MessageArgs {
  readonly planDigest: string;
}

/** The argument of each message. */
export type ArgsOf<Name extends MessageName> = Name extends 'approve' ? ApproveArgs : MessageArgs;

/** What an accepted update answers: what happens now, in a sentence. */
export interface MessageAnswer {
  readonly accepted: true;
  readonly next: string;
}

/** Failure types with which a workflow closes other than completed; their first detail is the `Outcome`. */
export const CLOSING_FAILURES = { refused: 'Refused', parked: 'Parked' } as const;

/** The part of an operation's state that decides which messages it takes. */
export interface Situation {
  readonly phase: Phase;
  /** A `hold` was accepted and not resumed yet; the operation stops before its next phase. */
  readonly held: boolean;
  /** True from the moment a swap was asked for: from then on stopping means going back. */
  readonly swapped: boolean;
  /** Digest of the plan, once there is one. */
  readonly planDigest?: string;
  /** Parked because the records of a known ending could not be written. */
  readonly settling?: boolean;
}

/**
 * What the workflow does about an accepted message:
 * - `approve`, `reject`: ends the wait for approval; a rejected operation closes as refused;
 * - `hold`, `resume`: sets and clears the stop before the next phase;
 * - `unwind`: evidence, then back to the from-version;
 * - `stop`: closes as refused, nothing was changed;
 * - `keep`: settles what runs as accepted without proof;
 * - `retry`: takes the step again that parked;
 * - `close-parked`: closes as parked; the claim stays beside the deployment;
 * - `close-unrecorded`: closes with the ending that is known, without the records that could not be written.
 */
export type MessageAction =
  | 'approve'
  | 'reject'
  | 'hold'
  | 'resume'
  | 'unwind'
  | 'stop'
  | 'keep'
  | 'retry'
  | 'close-parked'
  | 'close-unrecorded';

/** A message's fate. `refused` says why and what to send instead. */
export type MessageVerdict =
  | (MessageAnswer & { readonly action: MessageAction; readonly args: MessageArgs })
  | { readonly refused: string };
