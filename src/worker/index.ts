/**
 * The composition root: the only place that puts activities, targets and Temporal's Worker together.
 */
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { NativeConnectionOptions, WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import type { TemporalConnection } from '../domain/connection.ts';
import { CONTROL_QUEUE, siteQueue } from '../domain/names.ts';
import type { RunningWorkers, WorkerRequest } from '../engine/workers.ts';
import { workflowBundle } from './bundle.ts';
import { createDeps } from './deps.ts';
import { createTemporalLookup } from './temporal-lookup.ts';

/** An open operation rests in the cache; more than these are rebuilt from history when they wake. */
const MAX_CACHED_WORKFLOWS = 50;
const SHUTDOWN_GRACE = '5s';
const SHUTDOWN_FORCE = '10s';

/** Connects, and starts polling. Rejects when the server can't be reached. */
export async function startWorkers(request: WorkerRequest): Promise<RunningWorkers> {
  installRuntime();
  const { namespace } = request.connection;
  const connection = await NativeConnection.connect(connectionOptions(request.connection));
  const temporal = await createTemporalLookup(connection, namespace);
  const activities = createActivities(
    createDeps({ temporal, deploymentFolders: request.deploymentFolders }),
  );
  const common = {
    connection,
    namespace,
    identity: request.identity,
    activities,
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: SHUTDOWN_FORCE,
    // People watch progress: pass heartbeats on at once.
    maxHeartbeatThrottleInterval: '1s',
    defaultHeartbeatThrottleInterval: '1s',
  } satisfies Partial<WorkerOptions>;
  const workers: Worker[] = [];
  if (request.control) {
    workers.push(
      await Worker.create({
        ...common,
        taskQueue: CONTROL_QUEUE,
        workflowBundle: await workflowBundle(),
        maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
      }),
    );
  }
  if (request.site !== undefined) {
    workers.push(await Worker.create({ ...common, taskQueue: siteQueue(request.site) }));
  }
  const running = Promise.all(workers.map((worker) => worker.run()));
  const failed = running.then(() => new Promise<never>(() => undefined));
  failed.catch(() => undefined);
  return {
    failed,
    stop: async () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running.catch(() => undefined);
      await connection.close();
    },
  };
}

function connectionOptions(connection: TemporalConnection): NativeConnectionOptions {
  const { address, apiKey, tls, metadata } = connection;
  return {
    address,
    ...(apiKey !== undefined && { apiKey }),
    ...(tls !== undefined && { tls: tlsOptions(tls) }),
    ...(metadata && { metadata: { ...metadata } }),
  };
}

function tlsOptions(tls: NonNullable<TemporalConnection['tls']>) {
  if (typeof tls === 'boolean') return tls;
  const buffer = (bytes: Uint8Array) => Buffer.from(bytes);
  const { serverNameOverride, serverRootCACertificate, clientCertPair } = tls;
  return {
    ...(serverNameOverride !== undefined && { serverNameOverride }),
    ...(serverRootCACertificate && { serverRootCACertificate: buffer(serverRootCACertificate) }),
    ...(clientCertPair && {
      clientCertPair: { crt: buffer(clientCertPair.crt), key: buffer(clientCertPair.key) },
    }),
  };
}

let installed = false;

/** The SDK's runtime is one per process; warnings go to stderr, which is the engine's log. */
function installRuntime(): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    logger: new DefaultLogger('WARN'),
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  });
}
