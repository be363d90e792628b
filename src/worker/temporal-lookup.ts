/** What activities ask Temporal: through the worker's own connection. */
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import proto from '@temporalio/proto';
import type { NativeConnection } from '@temporalio/worker';
import type { TemporalLookup } from '../activities/deps.ts';
import { failure } from '../domain/errors.ts';

/** The server lists pollers of the last minutes; a long poll returns within a minute. */
const POLLED_WITHIN_MS = 90_000;

/** Asks the server's ID once, then answers from its API. */
export async function createTemporalLookup(
  connection: NativeConnection,
  namespace: string,
): Promise<TemporalLookup> {
  const client = new Client({ connection, namespace });
  const { clusterId } = await connection.workflowService.getClusterInfo({});
  const handle = (workflowId: string, runId: string) =>
    client.workflow.getHandle(workflowId, runId);
  return guarded({
    engine: `${clusterId}/${namespace}`,
    isOpen: async (workflowId, runId) => {
      try {
        const { status } = await handle(workflowId, runId).describe();
        return status.name === 'RUNNING' || status.name === 'PAUSED';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    history: async (workflowId, runId) =>
      historyToJSON(await handle(workflowId, runId).fetchHistory()),
    pollers: async (taskQueue) => {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
      });
      return pollers.filter(
        ({ lastAccessTime }) =>
          Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < POLLED_WITHIN_MS,
      ).length;
    },
    startedBy: async (workflowId, runId) => {
      const { events } = await handle(workflowId, runId).fetchHistory();
      return events?.[0]?.workflowExecutionStartedEventAttributes?.identity ?? undefined;
    },
  });
}

/** Whatever keeps the server from answering is the environment's fault, and is tried again. */
function guarded(lookup: TemporalLookup): TemporalLookup {
  const ask = async <T>(question: () => Promise<T>): Promise<T> => {
    try {
      return await question();
    } catch (error) {
      throw failure(
        'environment',
        'temporal-unreachable',
        `Temporal could not be asked: ${error instanceof Error ? error.message : String(error)}`,
        'Bring the Temporal server back; belay tries again by itself',
        error,
      );
    }
  };
  return {
    engine: lookup.engine,
    isOpen: (workflowId, runId) => ask(() => lookup.isOpen(workflowId, runId)),
    history: (workflowId, runId) => ask(() => lookup.history(workflowId, runId)),
    pollers: (taskQueue) => ask(() => lookup.pollers(taskQueue)),
    startedBy: (workflowId, runId) => ask(() => lookup.startedBy(workflowId, runId)),
  };
}
