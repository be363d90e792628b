/**
 * What the engine asks of whoever starts the workers. It is given as a function, so that the engine knows no workers.
 */
import type { TemporalConnection } from '../domain/connection.ts';

/** What the workers serve. */
export interface WorkerRequest {
  readonly connection: TemporalConnection;
  /** The site whose activities run here; undefined: none. */
  readonly site: string | undefined;
  /** Whether workflows and the activities that need no site run here. */
  readonly control: boolean;
  /** Absolute folders of deployment files. */
  readonly deploymentFolders: readonly string[];
  /** How the workers call themselves in Temporal's UI. */
  readonly identity: string;
}

/** Workers that poll. */
export interface RunningWorkers {
  /** Ends polling and waits for what runs, within the workers' own grace. */
  stop(): Promise<void>;
  /** Never resolves; rejects when a worker has failed. */
  readonly failed: Promise<never>;
}

/** Resolves once the workers poll. */
export type StartWorkers = (request: WorkerRequest) => Promise<RunningWorkers>;
