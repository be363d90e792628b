/**
 * Looks at an operation once.
 */
import {
  decodePendingActivityState,
  defaultPayloadConverter,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { STATUS_QUERY } from '../domain/messages.ts';
import { deploymentWorkflowId } from '../domain/names.ts';
import type { ActivityHeartbeat, Status } from '../domain/operation.ts';
import type { PendingActivity, View } from './view.ts';

/** A query needs a worker; one that has not answered by then is away. */
const QUERY_PATIENCE_MS = 1_000;
const CALL_PATIENCE_MS = 3_000;

type RawPending = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

/**
 * The latest operation on a deployment (or the one of `runId`), or undefined when there never was one.
 * Throws gRPC errors as they are.
 */
export async function look(
  client: Client,
  deployment: string,
  runId?: string,
): Promise<View | undefined> {
  const workflowId = deploymentWorkflowId(deployment);
  const handle = client.workflow.getHandle(workflowId, runId);
  const [description, status] = await Promise.all([
    client
      .withDeadline(Date.now() + CALL_PATIENCE_MS, () => handle.describe())
      .catch((error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }),
    client
      .withDeadline(Date.now() + QUERY_PATIENCE_MS, () => handle.query<unknown>(STATUS_QUERY))
      .catch(() => undefined),
  ]);
  if (description === undefined) return undefined;
  return {
    deployment,
    workflowId,
    runId: description.runId,
    operation: description.type,
    open: description.status.name === 'RUNNING' || description.status.name === 'PAUSED',
    state: description.status.name,
    startedAt: description.startTime.toISOString(),
    ...(description.closeTime && { closedAt: description.closeTime.toISOString() }),
    // Between the two calls the run may have closed and another have begun.
    ...(isStatus(status) && status.runId === description.runId && { status }),
    workerAway: status === undefined,
    pending: (description.raw.pendingActivities ?? []).map(readPending),
  };
}

function isStatus(value: unknown): value is Status {
  return (
    typeof value === 'object' &&
    value !== null &&
    'phase' in value &&
    'runId' in value &&
    'timeline' in value
  );
}

function readPending(raw: RawPending): PendingActivity {
  const started = decodePendingActivityState(raw.state) === 'STARTED';
  const heartbeat = readHeartbeat(raw);
  const nextAttemptAt = isoOf(raw.nextAttemptScheduleTime ?? raw.scheduledTime);
  return {
    name: raw.activityType?.name ?? 'activity',
    attempt: raw.attempt ?? 1,
    running: started,
    ...(raw.lastFailure?.message && { lastFailure: raw.lastFailure.message }),
    ...(heartbeat && { heartbeat }),
    ...(!started && nextAttemptAt && { nextAttemptAt }),
  };
}

function readHeartbeat(raw: RawPending): ActivityHeartbeat | undefined {
  const payload = raw.heartbeatDetails?.payloads?.[0];
  if (!payload) return undefined;
  try {
    const value: unknown = defaultPayloadConverter.fromPayload(payload);
    return isHeartbeat(value) ? value : undefined;
  } catch {
    // Another version's heartbeat is not worth losing the rest of the view.
    return undefined;
  }
}

function isHeartbeat(value: unknown): value is ActivityHeartbeat {
  return (
    typeof value === 'object' && value !== null && ('progress' in value || 'waitingOn' in value)
  );
}

function isoOf(time: RawPending['scheduledTime']): string | undefined {
  const seconds = Number(time?.seconds ?? 0);
  return seconds === 0 ? undefined : new Date(seconds * 1000).toISOString();
}
