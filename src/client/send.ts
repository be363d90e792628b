/**
 * Sends a message to an open operation: as an update, which is validated at once; as a signal when no worker answers,
 * because a signal is kept until one does.
 */
import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { failure } from '../domain/errors.ts';
import type { ArgsOf, MessageAnswer, MessageName } from '../domain/messages.ts';
import { deploymentWorkflowId } from '../domain/names.ts';

const UPDATE_PATIENCE_MS = 5_000;

/** How a message was delivered. */
export interface Sent {
  /** `signal`: no worker answered; the message is kept and judged once one is back. */
  readonly delivered: 'update' | 'signal';
  /** What happens now. */
  readonly next: string;
}

/**
 * Throws `request` when nothing is open (`not-open`) or when the operation doesn't take the message now
 * (`message-refused`, with its reason).
 */
export async function send<Name extends MessageName>(
  client: Client,
  deployment: string,
  message: Name,
  args: ArgsOf<Name>,
): Promise<Sent> {
  const handle = client.workflow.getHandle(deploymentWorkflowId(deployment));
  try {
    const answer = await client.withDeadline(Date.now() + UPDATE_PATIENCE_MS, () =>
      handle.executeUpdate<MessageAnswer, [ArgsOf<Name>]>(message, { args: [args] }),
    );
    return { delivered: 'update', next: answer.next };
  } catch (error) {
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      await handle.signal<[ArgsOf<Name>]>(message, args);
      return { delivered: 'signal', next: 'is judged as soon as a worker is back' };
    }
    if (error instanceof WorkflowUpdateFailedError) throw refused(deployment, message, error);
    if (error instanceof WorkflowNotFoundError) throw notOpen(deployment, message, error);
    throw error;
  }
}

function refused(deployment: string, message: string, error: WorkflowUpdateFailedError) {
  const why = error.cause?.message ?? error.message;
  return failure(
    'request',
    'message-refused',
    `${message} was refused: ${why}`,
    `See what ${deployment} takes now: belay status ${deployment}`,
    error,
  );
}

/** Nothing is open that could take the message. */
export function notOpen(deployment: string, message: string, cause?: unknown) {
  return failure(
    'request',
    'not-open',
    `No operation on ${deployment} is open, so there is nothing to ${message}`,
    `See what was done: belay history ${deployment}`,
    cause,
  );
}
