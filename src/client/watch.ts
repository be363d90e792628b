/**
 * Watches an operation until it ends or parks. Polls the status a few times a second, which leaves no trace in the
 * history, while a long poll waits for the end itself, so that the end is seen at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { deploymentWorkflowId } from '../domain/names.ts';
import type { Outcome, Status } from '../domain/operation.ts';
import { look } from './look.ts';
import { endedOutside, isOutcome, outcomeOfFailure } from './read-outcome.ts';
import { isUnreachable } from './unreachable.ts';
import type { View } from './view.ts';

const POLL_MS = 250;
const RECONNECT_MS = 1_000;
/** A busy worker may miss one query; one that misses two in a row is said to be away. */
const MISSES = 2;

/** What to watch, and who looks on. */
export interface WatchSettings {
  readonly deployment: string;
  readonly runId: string;
  /** Gives a client; asked again after the connection was lost. Throws when there is no sense in going on. */
  readonly connect: () => Promise<Client>;
  /** Called at every look. */
  readonly onView: (view: View) => void;
  /** Called when Temporal is lost; the operation itself goes on, or goes on later. */
  readonly onLost: (error: unknown) => void;
  /** Ends the watching, never the operation: `watch` then throws its reason. */
  readonly signal: AbortSignal;
}

/** The ending. A parked operation is still open: its outcome is made of its status. */
export async function watch(settings: WatchSettings): Promise<Outcome> {
  for (;;) {
    try {
      return await watchOn(await settings.connect(), settings);
    } catch (error) {
      settings.signal.throwIfAborted();
      if (!isUnreachable(error)) throw error;
      settings.onLost(error);
      await sleep(RECONNECT_MS, undefined, { signal: settings.signal }).catch(() => undefined);
    }
  }
}

async function watchOn(client: Client, settings: WatchSettings): Promise<Outcome> {
  const ending = new AbortController();
  const signal = AbortSignal.any([settings.signal, ending.signal]);
  try {
    return await Promise.race([
      untilClosed(client, settings, signal),
      untilParked(client, settings, signal),
    ]);
  } finally {
    ending.abort();
  }
}

async function untilClosed(
  client: Client,
  { deployment, runId }: WatchSettings,
  signal: AbortSignal,
): Promise<Outcome> {
  const handle = client.workflow.getHandle(deploymentWorkflowId(deployment), runId);
  try {
    const result: unknown = await client.withAbortSignal(signal, () => handle.result());
    if (isOutcome(result)) return result;
    throw endedOutside(deployment, new Error('its result is not an outcome of this belay'));
  } catch (error) {
    const outcome = outcomeOfFailure(error);
    if (outcome) return outcome;
    throw error instanceof WorkflowFailedError ? endedOutside(deployment, error) : error;
  }
}

async function untilParked(
  client: Client,
  { deployment, runId, onView }: WatchSettings,
  signal: AbortSignal,
): Promise<Outcome> {
  for (let misses = 0; ;) {
    const view = await look(client, deployment, runId);
    signal.throwIfAborted();
    misses = view?.workerAway ? misses + 1 : 0;
    if (view) onView({ ...view, workerAway: misses >= MISSES });
    if (view?.status?.phase === 'parked') return parkedOutcome(view.status);
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** The outcome of an operation that waits for its operator. */
export function parkedOutcome(status: Status): Outcome {
  const { deployment, from, to, by, reason, judgement, backup, plan } = status;
  return {
    outcome: 'parked',
    deployment,
    operation: status.operation === 'rollback' ? 'rollback' : 'upgrade',
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(plan && { planDigest: plan.digest }),
    reasons: status.reasons,
    proven: false,
    ...(judgement && { judgement }),
    ...(backup && { backup }),
    evidence: status.evidence,
    startedAt: status.startedAt,
    endedAt: status.phaseSince,
    ...(by !== undefined && { by }),
    ...(reason !== undefined && { reason }),
  };
}
