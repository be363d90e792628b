/**
 * Asks for a plan: a workflow that reads and decides, and changes nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { CONTROL_QUEUE, planWorkflowId } from '../domain/names.ts';
import type { Outcome, PlanRequest } from '../domain/operation.ts';
import type { Plan } from '../domain/plan.ts';
import { endedOutside, outcomeOfFailure } from './read-outcome.ts';

const RETRY_MS = 200;

/** A plan, or every reason why there is none. */
export type PlanAnswer = { readonly plan: Plan } | { readonly refused: Outcome };

/** Waits for the plan; for someone else's request on the same deployment first, when there is one. */
export async function requestPlan(
  client: Client,
  request: PlanRequest,
  signal: AbortSignal,
): Promise<PlanAnswer> {
  const workflowId = planWorkflowId(request.deployment);
  for (;;) {
    signal.throwIfAborted();
    try {
      return await client.withAbortSignal(signal, () =>
        client.workflow.execute<(input: PlanRequest) => Promise<{ plan: Plan }>>('plan', {
          workflowId,
          taskQueue: CONTROL_QUEUE,
          args: [request],
          workflowIdConflictPolicy: 'FAIL',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `plan ${request.deployment} to ${request.to}`,
        }),
      );
    } catch (error) {
      const refused = outcomeOfFailure(error);
      if (refused) return { refused };
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) {
        throw error instanceof Error && error.name === 'WorkflowFailedError'
          ? endedOutside(request.deployment, error)
          : error;
      }
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}
