/** The client against a real server and a real worker; the workflow is a stand-in that takes every turn. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../scripts/stack/free-port.ts';
import { listClosed, listOpen } from '../../src/client/list.ts';
import { look } from '../../src/client/look.ts';
import { openClient } from '../../src/client/open-client.ts';
import { send } from '../../src/client/send.ts';
import { startUpgrade } from '../../src/client/start.ts';
import type { View } from '../../src/client/view.ts';
import { watch } from '../../src/client/watch.ts';
import { CONTROL_QUEUE } from '../../src/domain/names.ts';
import { startServer } from '../../src/engine/server.ts';
import type { EmbeddedServer } from '../../src/engine/server.ts';
import { stateFolder } from '../../src/engine/state-folder.ts';
import { findTemporalBinary } from '../../src/engine/temporal-binary.ts';

const state = stateFolder({ BELAY_STATE: await mkdtemp(join(tmpdir(), 'belay-client-')) });
const workflowsPath = fileURLToPath(new URL('engine-client.workflows.ts', import.meta.url));
let server: EmbeddedServer;
let client: Client;
let native: NativeConnection;

beforeAll(async () => {
  const ports = { grpc: await freePort(), ui: await freePort() };
  await writeFile(state.portsFile, JSON.stringify(ports));
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  server = await startServer(state, await findTemporalBinary(), {});
  client = openClient(server.connection, 'test');
  native = await NativeConnection.connect({ address: server.connection.address });
});

afterAll(async () => {
  await native.close();
  await server.stop();
  await rm(state.folder, { recursive: true });
});

async function withWorker<T>(use: () => Promise<T>): Promise<T> {
  const worker = await Worker.create({
    connection: native,
    taskQueue: CONTROL_QUEUE,
    workflowsPath,
    // A query that outlives its worker would be answered by nobody for ten seconds.
    stickyQueueScheduleToStartTimeout: '100ms',
  });
  return worker.runUntil(use);
}

/** Watches to the end; what was seen on the way is kept. */
async function watched(
  deployment: string,
  runId: string,
  signal = new AbortController().signal,
  views: View[] = [],
) {
  const outcome = await watch({
    deployment,
    runId,
    signal,
    connect: () => Promise.resolve(client),
    onView: (view) => views.push(view),
    onLost: (error) => expect.fail(String(error)),
  });
  return { outcome, views };
}

/** A machine with much else to do takes its time. */
const SOON = { timeout: 20_000 };
const me = { by: 'me', reason: '' };

describe('with a worker', () => {
  test('a watch sees the status, and the end at once', () =>
    withWorker(async () => {
      const { runId } = await startUpgrade(client, { deployment: 'good', to: '2' });
      const views: View[] = [];
      const watching = watched('good', runId, undefined, views);
      await expect.poll(() => views.at(-1)?.status?.phase, SOON).toBe('soak');
      expect(await send(client, 'good', 'resume', me)).toEqual({
        delivered: 'update',
        next: 'goes on',
      });
      const { outcome } = await watching;
      expect(outcome).toMatchObject({ outcome: 'succeeded', to: '2' });
      expect(views[0]).toMatchObject({ open: true, runId });
      const inSoak = views.find(({ status }) => status?.phase === 'soak');
      expect(inSoak?.status).toMatchObject({ runId });
      expect(await look(client, 'good')).toMatchObject({ open: false, state: 'COMPLETED' });
    }));

  test('a refusal comes back as its outcome', () =>
    withWorker(async () => {
      const { runId } = await startUpgrade(client, { deployment: 'bad', to: 'refused' });
      const { outcome } = await watched('bad', runId);
      expect(outcome).toMatchObject({ outcome: 'refused', reasons: [{ code: 'no' }] });
    }));

  test('parking ends the watch, not the operation', () =>
    withWorker(async () => {
      const { runId } = await startUpgrade(client, { deployment: 'stuck', to: 'parks' });
      const { outcome } = await watched('stuck', runId);
      expect(outcome).toMatchObject({ outcome: 'parked', deployment: 'stuck', proven: false });
      expect(await look(client, 'stuck')).toMatchObject({ open: true });
    }));

  test('a second start names what is open', () =>
    withWorker(async () => {
      await startUpgrade(client, { deployment: 'busy', to: '2' });
      await expect.poll(async () => (await look(client, 'busy'))?.status?.phase, SOON).toBe('soak');
      await expect(startUpgrade(client, { deployment: 'busy', to: '3' })).rejects.toMatchObject({
        fault: 'claim',
        code: 'operation-open',
        message: expect.stringMatching(/open: upgrade from 1 to 2, in phase soak/) as string,
      });
    }));

  test('a message that is refused says why; without an operation there is nobody to send it to', () =>
    withWorker(async () => {
      await startUpgrade(client, { deployment: 'picky', to: '2' });
      const nobody = { by: 'nobody', reason: '' };
      await expect(send(client, 'picky', 'resume', nobody)).rejects.toMatchObject({
        code: 'message-refused',
        message: 'resume was refused: nobody may not',
      });
      await expect(send(client, 'none', 'resume', me)).rejects.toMatchObject({ code: 'not-open' });
      expect(await look(client, 'none')).toBeUndefined();
    }));

  test('an end from outside is said to be one', () =>
    withWorker(async () => {
      const { runId } = await startUpgrade(client, { deployment: 'shot', to: '2' });
      const watching = expect(watched('shot', runId)).rejects.toMatchObject({
        code: 'ended-outside',
      });
      await client.workflow.getHandle('deployment/shot').terminate('by hand');
      await watching;
    }));

  test('lists tell open from closed, with versions and endings', () =>
    withWorker(async () => {
      await startUpgrade(client, { deployment: 'listed', to: '2' });
      const mine = async () =>
        (await listOpen(client)).filter(({ deployment }) => deployment === 'listed');
      await expect.poll(mine, SOON).toMatchObject([{ to: '2', phase: 'soak', open: true }]);
      await send(client, 'listed', 'resume', me);
      await expect
        .poll(() => listClosed(client, 'listed'), SOON)
        .toMatchObject([{ to: '2', outcome: 'succeeded', open: false, operation: 'upgrade' }]);
      expect(await mine()).toEqual([]);
    }));
});

describe('without a worker', () => {
  test('the view says so, a message is kept as a signal, and counts when a worker is back', async () => {
    const { runId } = await startUpgrade(client, { deployment: 'alone', to: '2' });
    const started = performance.now();
    const view = await look(client, 'alone');
    expect(view).toMatchObject({ open: true, workerAway: true });
    expect(view?.status).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(await send(client, 'alone', 'resume', me)).toMatchObject({ delivered: 'signal' });
    const { outcome } = await withWorker(() => watched('alone', runId));
    expect(outcome).toMatchObject({ outcome: 'succeeded' });
  });

  test('a watch can be left; the operation stays open', async () => {
    const { runId } = await startUpgrade(client, { deployment: 'left', to: '2' });
    const leaving = new AbortController();
    const watching = watched('left', runId, leaving.signal);
    setTimeout(() => leaving.abort(new Error('left')), 300);
    await expect(watching).rejects.toThrow('left');
    expect(await look(client, 'left')).toMatchObject({ open: true });
  });

  test('a watch survives the loss of the server', async () => {
    const { runId } = await startUpgrade(client, { deployment: 'durable', to: '2' });
    const lost: unknown[] = [];
    const watching = watch({
      deployment: 'durable',
      runId,
      signal: AbortSignal.timeout(60_000),
      connect: () => Promise.resolve(openClient(server.connection, 'test')),
      onView: () => undefined,
      onLost: (error) => lost.push(error),
    });
    process.kill(server.child.pgid, 'SIGKILL');
    await expect.poll(() => lost.length, { timeout: 20_000 }).toBeGreaterThan(0);
    server = await startServer(state, await findTemporalBinary(), {});
    await client.workflow.getHandle('deployment/durable').signal('resume', me);
    const outcome = await withWorker(() => watching);
    expect(outcome).toMatchObject({ outcome: 'succeeded' });
  });
});
