/**
 * Starts operations. One deployment has one workflow ID, so the server itself refuses a second one.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { failure } from '../domain/errors.ts';
import type { BelayError } from '../domain/errors.ts';
import { CONTROL_QUEUE, deploymentWorkflowId } from '../domain/names.ts';
import type { RollbackRequest, UpgradeRequest } from '../domain/operation.ts';
import { look } from './look.ts';

/** An operation that was started. */
export interface Started {
  readonly workflowId: string;
  readonly runId: string;
}

/** Starts an upgrade. Throws `claim` with what is open when an operation on the deployment is. */
export function startUpgrade(client: Client, request: UpgradeRequest): Promise<Started> {
  return start(client, 'upgrade', request, `${request.deployment} to ${request.to}`);
}

/** Starts a rollback. Throws `claim` with what is open when an operation on the deployment is. */
export function startRollback(client: Client, request: RollbackRequest): Promise<Started> {
  return start(
    client,
    'rollback',
    request,
    `${request.deployment} to ${request.to ?? 'the previous version'}`,
  );
}

async function start(
  client: Client,
  type: 'upgrade' | 'rollback',
  request: UpgradeRequest | RollbackRequest,
  summary: string,
): Promise<Started> {
  const workflowId = deploymentWorkflowId(request.deployment);
  try {
    const handle = await client.workflow.start(type, {
      workflowId,
      taskQueue: CONTROL_QUEUE,
      args: [request],
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: `${type} ${summary}`,
    });
    return { workflowId, runId: handle.firstExecutionRunId };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw await alreadyOpen(client, request.deployment, error);
  }
}

async function alreadyOpen(
  client: Client,
  deployment: string,
  cause: unknown,
): Promise<BelayError> {
  const view = await look(client, deployment).catch(() => undefined);
  const { status } = view ?? {};
  const what = status
    ? `${status.operation}${status.from ? ` from ${status.from}` : ''}${status.to ? ` to ${status.to}` : ''}, ` +
      `${status.held ? 'held in' : 'in'} phase ${status.phase}` +
      `${status.by ? `, started by ${status.by}` : ''} at ${status.startedAt}`
    : (view?.operation ?? 'operation');
  return failure(
    'claim',
    'operation-open',
    `Another operation on ${deployment} is open: ${what}`,
    `Look with \`belay status ${deployment}\`; wait until it has ended, or end it with \`belay abort ${deployment} --reason WHY\``,
    cause,
  );
}
