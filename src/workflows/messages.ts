/**
 * Signals, updates and the query of an open operation. Public: people, UIs and `temporal` depend on the names.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { STATUS_QUERY } from '../domain/messages.ts';
import type { ApproveArgs, MessageAnswer, MessageArgs } from '../domain/messages.ts';
import type { Status } from '../domain/operation.ts';

/** What the workflow knows of itself; clients merge it with the description's pending activities. */
export const statusQuery = defineQuery<Status>(STATUS_QUERY);

/** Each with a synchronous validator that refuses a missing `by` or `reason`, and what the phase does not allow. */
export const updates = {
  approve: defineUpdate<MessageAnswer, [ApproveArgs]>('approve'),
  reject: defineUpdate<MessageAnswer, [MessageArgs]>('reject'),
  hold: defineUpdate<MessageAnswer, [MessageArgs]>('hold'),
  resume: defineUpdate<MessageAnswer, [MessageArgs]>('resume'),
  rollBack: defineUpdate<MessageAnswer, [MessageArgs]>('rollBack'),
  restore: defineUpdate<MessageAnswer, [MessageArgs]>('restore'),
  keep: defineUpdate<MessageAnswer, [MessageArgs]>('keep'),
  retry: defineUpdate<MessageAnswer, [MessageArgs]>('retry'),
  abort: defineUpdate<MessageAnswer, [MessageArgs]>('abort'),
};

/** The same by signal; one that the update's validator would refuse is ignored and the timeline says why. */
export const signals = {
  approve: defineSignal<[ApproveArgs]>('approve'),
  reject: defineSignal<[MessageArgs]>('reject'),
  hold: defineSignal<[MessageArgs]>('hold'),
  resume: defineSignal<[MessageArgs]>('resume'),
  rollBack: defineSignal<[MessageArgs]>('rollBack'),
  restore: defineSignal<[MessageArgs]>('restore'),
  keep: defineSignal<[MessageArgs]>('keep'),
  retry: defineSignal<[MessageArgs]>('retry'),
  abort: defineSignal<[MessageArgs]>('abort'),
};
