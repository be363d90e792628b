/** A look into a site's engine, and ways to break it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Outcome, Phase, Status } from '../../src/domain/operation.ts';
import { readEngine } from '../../src/engine/engine-file.ts';
import { stateFolder } from '../../src/engine/state-folder.ts';
import type { Site } from '../../scripts/stack/site.ts';

/** What a test knows of an installation with a belay of its own. */
interface WithEngine {
  readonly env: Readonly<Record<string, string>>;
  readonly example: { readonly name: string };
}

/** The engine of a site, as a test sees it. */
export class Engine {
  readonly client: Client;
  private readonly site: WithEngine;
  readonly upPid: number;
  readonly serverPid: number;
  readonly address: string;

  private constructor(
    site: WithEngine,
    client: Client,
    upPid: number,
    serverPid: number,
    address: string,
  ) {
    this.site = site;
    this.client = client;
    this.upPid = upPid;
    this.serverPid = serverPid;
    this.address = address;
  }

  /** Connects to the engine that the site's commands use; one must be running. */
  static async of(site: WithEngine): Promise<Engine> {
    const found = await readEngine(stateFolder({ BELAY_STATE: site.env['BELAY_STATE'] ?? '' }));
    if (found.is !== 'running') throw new Error(`the engine is ${found.is}`);
    const { address, namespace, up, server } = found.engine;
    const connection = await Connection.connect({ address });
    return new Engine(site, new Client({ connection, namespace }), up.pid, server.pid, address);
  }

  private handle() {
    return this.client.workflow.getHandle(`deployment/${this.site.example.name}`);
  }

  status(): Promise<Status | undefined> {
    return this.handle()
      .query<Status>('status')
      .catch(() => undefined);
  }

  /**
   * Waits until the operation is in `phase`, or was between two looks: a short one ends unseen on a busy machine. It
   * looks every 40 ms, for a query costs its server and its worker a few ms each.
   */
  async untilPhase(phase: Phase, withinMs = 240_000): Promise<Status> {
    const until = Date.now() + withinMs;
    let last: Status | undefined;
    while (Date.now() < until) {
      last = await this.status();
      if (last?.timeline.some((entry) => entry.phase === phase)) return last;
      if (last?.phase === 'closed') break;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    throw new Error(
      `never seen in phase ${phase}; last: ${JSON.stringify(last?.timeline.slice(-8))}`,
    );
  }

  /** Waits for the outcome, also of an operation that closed as failed. */
  async outcome(): Promise<Outcome> {
    try {
      return (await this.handle().result()) as Outcome;
    } catch (error) {
      if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure) {
        return error.cause.details?.[0] as Outcome;
      }
      throw error;
    }
  }

  /** kill -9 of the worker's process. */
  killWorker(): void {
    process.kill(this.upPid, 'SIGKILL');
  }

  /** kill -9 of worker and Temporal server. */
  killAll(): void {
    process.kill(this.upPid, 'SIGKILL');
    process.kill(this.serverPid, 'SIGKILL');
  }

  async close(): Promise<void> {
    await this.client.connection.close();
  }
}

/** kill -9 of whatever `docker compose up` runs in the project now; answers how many were killed. */
export async function killCompose(site: Site): Promise<number> {
  const claim = await readFile(join(site.example.directory, '.belay', 'operation.json'), 'utf8');
  const { children } = JSON.parse(claim) as { children: { pgid: number }[] };
  for (const { pgid } of children) {
    try {
      process.kill(-pgid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return children.length;
}
