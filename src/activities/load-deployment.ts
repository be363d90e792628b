/** Reads the deployment file, and the release file of the wanted version when there is one. */
import type { Deployment, Release } from '../domain/deployment.ts';
import { act } from './context.ts';
import type { ActivityDeps } from './deps.ts';

/** Reading a file needs no patience with the environment. */
const PATIENCE_MS = 60_000;

/** What an operation begins with. */
export interface Loaded {
  readonly deployment: Deployment;
  readonly release?: Release;
  /** Who the server says started this run. */
  readonly startedBy?: string;
}

/** Throws `request` with every reason, each with file and line. */
export function loadDeployment(
  deps: ActivityDeps,
  { name, to }: { readonly name: string; readonly to?: string },
): Promise<Loaded> {
  return act(PATIENCE_MS, async ({ workflowId, runId }) => {
    const deployment = await deps.loadDeployment(name);
    const release = to === undefined ? undefined : await deps.loadRelease(deployment, to);
    const startedBy = await deps.temporal.startedBy(workflowId, runId);
    return {
      deployment,
      ...(release !== undefined && { release }),
      ...(startedBy !== undefined && { startedBy }),
    };
  });
}
