/** Workflows on the time-skipping server, with real activities over a world in memory. */
import { randomUUID } from 'node:crypto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { createActivities } from '../../src/activities/index.ts';
import type { ActivityDeps } from '../../src/activities/deps.ts';
import { CONTROL_QUEUE, SEARCH_ATTRIBUTES, siteQueue } from '../../src/domain/names.ts';
import type { Outcome, Status } from '../../src/domain/operation.ts';
import { workflowBundle } from '../../src/worker/bundle.ts';
import type { World } from '../fakes/world.ts';

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const KEYWORD = 2;

export interface Harness {
  readonly env: TestWorkflowEnvironment;
  /** Runs `body` while workers serve `world`. */
  serving<T>(world: World, body: (stage: Stage) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** One world being served. */
export interface Stage {
  start(
    type: 'upgrade' | 'rollback',
    request: Record<string, unknown>,
    options?: Record<string, unknown>,
  ): Promise<WorkflowHandle>;
  /** The outcome, also of a workflow that closed as failed. */
  outcome(handle: WorkflowHandle): Promise<Outcome>;
  status(handle: WorkflowHandle): Promise<Status>;
  /** Polls the status until it is what is waited for. */
  until(handle: WorkflowHandle, what: (status: Status) => boolean): Promise<Status>;
}

export async function createHarness(): Promise<Harness> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } },
  });
  const path = process.env['BELAY_TEST_SERVER_BIN'];
  if (!path) throw new Error('BELAY_TEST_SERVER_BIN is not set; run the tests by `npm test`');
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(SEARCH_ATTRIBUTES.map((name) => [name, KEYWORD])),
  });
  const bundle = await workflowBundle();
  return {
    env,
    close: () => env.teardown(),
    serving: async (world, body) => {
      const activities = createActivities(depsOf(world, env));
      const common = {
        connection: env.nativeConnection,
        activities,
        // A cancellation reaches an activity with its heartbeat.
        maxHeartbeatThrottleInterval: '100ms',
        identity: 'belay worker',
      };
      const [first, second] = await Promise.all([
        Worker.create({ ...common, workflowBundle: bundle, taskQueue: CONTROL_QUEUE }),
        Worker.create({ ...common, taskQueue: siteQueue('local') }),
      ]);
      await endLeftover(env);
      const played = withinMs(PLAY_MS, body(stageOf(env)));
      return first.runUntil(second.runUntil(played));
    },
  };
}

/** A story that hangs fails by itself, and its workers end, so that the next one can be played. */
const PLAY_MS = 60_000;

async function withinMs<T>(limitMs: number, body: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not played within ${limitMs} ms`)), limitMs);
  });
  return Promise.race([body, limit]).finally(() => clearTimeout(timer));
}

/** What a story that failed left open. */
async function endLeftover({ client }: TestWorkflowEnvironment): Promise<void> {
  await client.workflow
    .getHandle('deployment/acme')
    .terminate('the next story begins')
    .catch(() => undefined);
}

function stageOf(env: TestWorkflowEnvironment): Stage {
  const status = (handle: WorkflowHandle) => handle.query<Status>('status');
  return {
    start: (type, request, options = {}) =>
      env.client.workflow.start(type, {
        workflowId: 'deployment/acme',
        taskQueue: CONTROL_QUEUE,
        args: [{ deployment: 'acme', ...request }],
        ...options,
      }),
    status,
    outcome: async (handle) => {
      try {
        return (await handle.result()) as Outcome;
      } catch (error) {
        if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure) {
          return error.cause.details?.[0] as Outcome;
        }
        throw error;
      }
    },
    until: async (handle, what) => {
      for (let turn = 0; turn < 600; turn += 1) {
        const seen = await status(handle);
        if (what(seen)) return seen;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`waited in vain; status is ${JSON.stringify(await status(handle))}`);
    },
  };
}

function depsOf(world: World, env: TestWorkflowEnvironment): ActivityDeps {
  return {
    loadDeployment: () => world.step('loadDeployment', () => world.deployment),
    loadRelease: () => Promise.resolve(undefined),
    target: () => world.target(),
    backup: () => undefined,
    migrations: () => ({
      applied: () => Promise.resolve(undefined),
      run: () => world.step('migrate', () => 'migrated'),
      quiesce: () => world.step('quiesce', () => []),
    }),
    temporal: {
      engine: 'test-engine/default',
      isOpen: async (workflowId, runId) => {
        const handle = env.client.workflow.getHandle(workflowId, runId);
        const { status } = await handle.describe();
        return status.name === 'RUNNING';
      },
      history: () => world.step('history', () => JSON.stringify({ id: randomUUID() })),
      pollers: () => Promise.resolve(1),
      startedBy: () => Promise.resolve('tester'),
    },
  };
}
