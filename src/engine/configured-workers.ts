/**
 * Workers for a Temporal that someone else runs: `belay up` in the foreground, until it is told to stop.
 */
import { hostname } from 'node:os';
import type { TemporalConnection } from '../domain/connection.ts';
import { failure } from '../domain/errors.ts';
import { openAdmin } from './admin.ts';
import { healthFile } from './health-file.ts';
import { keepWorkers } from './keep-workers.ts';
import type { StartWorkers } from './workers.ts';

/** How they are run. */
export interface ConfiguredSettings {
  readonly connection: TemporalConnection;
  readonly site: string | undefined;
  readonly control: boolean;
  readonly deploymentFolders: readonly string[];
  readonly startWorkers: StartWorkers;
  readonly stop: AbortSignal;
  readonly log: (line: string) => void;
  readonly ready: () => void;
}

/** Runs the workers. Throws `environment` when Temporal can't be reached or lacks the search attributes. */
export async function runConfiguredWorkers(settings: ConfiguredSettings): Promise<void> {
  const { connection } = settings;
  const admin = openAdmin(connection);
  try {
    await admin.checkNamespace().catch((error: unknown) => {
      throw failure(
        'environment',
        'temporal-unreachable',
        `Temporal at ${connection.address}, namespace "${connection.namespace}", does not answer: ${error instanceof Error ? error.message : String(error)}`,
        'Check the address, the namespace and the credentials (TEMPORAL_* variables or the profile)',
        error,
      );
    });
    await admin.ensureSearchAttributes();
  } finally {
    await admin.close();
  }
  const health = healthFile();
  await health.prepare();
  await keepWorkers({
    start: settings.startWorkers,
    request: {
      connection,
      site: settings.site,
      control: settings.control,
      deploymentFolders: settings.deploymentFolders,
      identity: `belay@${hostname()}:${process.pid}`,
    },
    ready: async () => {
      await health.good();
      settings.ready();
    },
    away: () => health.gone(),
    stop: settings.stop,
    log: settings.log,
  });
  await health.gone();
}
