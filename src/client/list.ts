/**
 * Operations by Temporal's visibility: which are open, and which closed lately.
 */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { deploymentWorkflowId } from '../domain/names.ts';
import type { SearchAttributeName } from '../domain/names.ts';

const PREFIX = deploymentWorkflowId('');
const OPERATIONS = `WorkflowType IN ('upgrade', 'rollback')`;
const MAX_LISTED = 200;

/** One run, as visibility knows it. */
export interface ListedRun {
  readonly deployment: string;
  readonly operation: string;
  readonly runId: string;
  readonly open: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly phase?: string;
  /** belay's own word for the ending; missing when the run was closed from outside. */
  readonly outcome?: string;
  /** Temporal's word. */
  readonly state: string;
  readonly startedAt: string;
  readonly closedAt?: string;
}

/** Open operations of every deployment, the newest first. */
export function listOpen(client: Client): Promise<ListedRun[]> {
  return list(client, `${OPERATIONS} AND ExecutionStatus = 'Running'`);
}

/** Closed operations on one deployment, the newest first; as many as the namespace's retention has kept. */
export function listClosed(client: Client, deployment: string): Promise<ListedRun[]> {
  // A deployment's name holds letters, digits and hyphens only: nothing needs escaping.
  const id = `WorkflowId = '${deploymentWorkflowId(deployment)}'`;
  return list(client, `${OPERATIONS} AND ${id} AND ExecutionStatus != 'Running'`);
}

async function list(client: Client, query: string): Promise<ListedRun[]> {
  const runs: ListedRun[] = [];
  for await (const info of client.workflow.list({ query, pageSize: MAX_LISTED })) {
    if (!info.workflowId.startsWith(PREFIX)) continue;
    runs.push(readRun(info));
    if (runs.length === MAX_LISTED) break;
  }
  return runs.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

function readRun(info: WorkflowExecutionInfo): ListedRun {
  const attributes = new Map<string, unknown>(
    info.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
  );
  const text = (name: SearchAttributeName) => {
    const value = attributes.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const [from, to, phase] = [text('BelayFrom'), text('BelayTo'), text('BelayPhase')];
  const outcome = text('BelayOutcome');
  return {
    deployment: info.workflowId.slice(PREFIX.length),
    operation: info.type,
    runId: info.runId,
    open: info.status.name === 'RUNNING' || info.status.name === 'PAUSED',
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(phase !== undefined && { phase }),
    ...(outcome !== undefined && { outcome }),
    state: info.status.name,
    startedAt: info.startTime.toISOString(),
    ...(info.closeTime && { closedAt: info.closeTime.toISOString() }),
  };
}
