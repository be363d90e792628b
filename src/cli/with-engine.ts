/**
 * A command's connection: engine found (or started), client open. The process's end closes it: a client that is closed
 * while the SDK has a retry due would end the process with an error instead.
 */
import type { Client } from '@temporalio/client';
import type { FoundEngine } from '../engine/connect.ts';
import type { EngineOptions } from './options.ts';
import { defaultBy } from './options.ts';
import type { Output } from './output.ts';

/** What a command works with. */
export interface Connected {
  readonly client: Client;
  readonly engine: FoundEngine;
  /** Finds the engine again after it was lost. Throws when someone stopped it. */
  readonly reconnect: () => Promise<Client>;
}

/** Runs `use` with a connection. Failures to reach Temporal come out in words. */
export async function withEngine<T>(
  options: EngineOptions,
  output: Output,
  use: (connected: Connected) => Promise<T>,
): Promise<T> {
  const loadingClient = import('../client/open-client.ts');
  const [{ connectEngine, reconnectEngine }, { deploymentFolders }] = await Promise.all([
    import('../engine/connect.ts'),
    import('../config/deployment-folders.ts'),
  ]);
  const settings = {
    profile: options.profile,
    env: process.env,
    deploymentFolders: deploymentFolders(process.env),
    onStart: () => output.note(output.style('dim', 'starting the engine of this user…')),
  };
  const engine = await connectEngine(settings);
  const { openClient } = await loadingClient;
  const openOne = (found: FoundEngine) => openClient(found.connection, `belay ${defaultBy()}`);
  try {
    return await use({
      client: openOne(engine),
      engine,
      reconnect: async () => openOne(await reconnectEngine(settings)),
    });
  } catch (error) {
    const { explainCall } = await import('../client/unreachable.ts');
    throw explainCall(error, engine.connection.address);
  }
}

/** Where Temporal's UI shows a run; undefined when no UI is known. */
export function uiLink(engine: FoundEngine, workflowId: string, runId: string): string | undefined {
  if (engine.uiUrl === undefined) return undefined;
  const { namespace } = engine.connection;
  return `${engine.uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}`;
}
