import { Client, Connection } from '@temporalio/client';
import { z } from 'zod';
import type { Ran } from '../scripts/stack/site.ts';
import { deploymentWorkflowId } from '../src/domain/names.ts';
import { readEngine } from '../src/engine/engine-file.ts';
import { stateFolder } from '../src/engine/state-folder.ts';
import type { PhaseEntry } from './phases.ts';

const statusSchema = z.object({
  timeline: z.array(z.object({ at: z.iso.datetime(), phase: z.string() })),
});

/** What the engine knows of the site's last operation. */
export interface Operation {
  /** Events in its history. */
  readonly events: number;
  readonly timeline: readonly PhaseEntry[];
}

/** An installation with a belay of its own, on whatever target. */
interface WithBelay {
  readonly env: Readonly<Record<string, string>>;
  readonly example: { readonly name: string };
  belay(args: readonly string[]): Promise<Ran>;
}

/** The engine that a site's commands use. */
export interface Engine {
  /** The process `belay up`, which is the worker. */
  readonly workerPid: number;
  /** The embedded Temporal server. */
  readonly serverPid: number;
  lastOperation(): Promise<Operation>;
  close(): Promise<void>;
}

/** Starts the engine of a site unless it runs, and connects to it. */
export async function openEngine(site: WithBelay): Promise<Engine> {
  const started = await site.belay(['status']);
  const found = await readEngine(stateFolder({ BELAY_STATE: site.env['BELAY_STATE'] }));
  if (found.is !== 'running') {
    throw new Error(`the engine is ${found.is}: ${started.stderr}${started.stdout}`);
  }
  const { address, namespace, up, server } = found.engine;
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  return {
    workerPid: up.pid,
    serverPid: server.pid,
    async lastOperation() {
      const handle = client.workflow.getHandle(deploymentWorkflowId(site.example.name));
      const { historyLength: events } = await handle.describe();
      const { timeline } = statusSchema.parse(await handle.query('status'));
      return { events, timeline };
    },
    close: () => connection.close(),
  };
}
