import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deployment } from '../domain/deployment.ts';
import type { Instance } from '../domain/target.ts';
import type { Target } from '../targets/target.ts';
import { createLook } from './look.ts';

let server: Server;
let base = '';
beforeAll(async () => {
  server = createServer((_, response) => response.end('{"version":"1.3.0"}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const serving: Instance = {
  id: 'a',
  name: 'app-a',
  state: 'running',
  imageId: 'sha256:new',
  reference: 'app:1.3.0',
  restarts: 0,
  createdAt: '2026-03-26T10:00:00Z',
  startedAt: '2026-03-26T10:00:02Z',
  health: 'healthy',
  healthSince: '2026-03-26T10:00:05Z',
};
/** Its container runs, but its program does not listen yet. */
const notReady = (healthSince: string): Instance => ({
  ...serving,
  id: 'b',
  name: 'app-b',
  health: 'unhealthy',
  healthSince,
});

/** One look at these; only `a` answers when it is asked by itself. */
function lookAt(...app: Instance[]) {
  const target = {
    look: () => Promise.resolve({ instances: { app } }),
    reach: (_, { instance = 'a' }) =>
      Promise.resolve({
        url: instance === 'a' ? base : 'http://127.0.0.1:1',
        close: () => Promise.resolve(),
      }),
  } satisfies Partial<Target>;
  const deployment = {
    components: { app: {} },
    version: { how: 'http', url: 'service://app/', jsonPath: ['version'] },
    health: { url: 'service://app/', expect: {}, requestTimeoutMs: 5_000 },
  };
  const context = { signal: new AbortController().signal, progress: () => undefined };
  return createLook(deployment as unknown as Deployment, target as unknown as Target, context)();
}

describe('the version in a look', () => {
  it('is not asked of an instance that never was ready', async () => {
    const sample = await lookAt(serving, notReady('2026-03-26T10:00:01Z'));
    expect(sample).toMatchObject({ answer: { ok: true }, version: '1.3.0' });
    expect(sample.instances?.['app']).toHaveLength(2);
  });

  it('is asked of one that was', async () => {
    const { answer } = await lookAt(serving, notReady('2026-03-26T10:00:09Z'));
    expect(answer).toMatchObject({ ok: false });
  });
});
