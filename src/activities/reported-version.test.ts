import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure } from '../domain/errors.ts';
import type { Instance } from '../domain/target.ts';
import type { Target } from '../targets/target.ts';
import { reportedVersion } from './reported-version.ts';

/** Answers with the version that its path names. */
let server: Server;
let base = '';
beforeAll(async () => {
  server = createServer((request, response) =>
    response.end(JSON.stringify({ app: { version: (request.url ?? '').slice(1) } })),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const context = { signal: new AbortController().signal, progress: () => undefined };
const instance = (id: string, changed: Partial<Instance> = {}): Instance => ({
  id,
  name: id,
  state: 'running',
  imageId: 'sha256:a',
  reference: 'app:1',
  restarts: 0,
  createdAt: '2026-03-26T10:00:00Z',
  startedAt: '2026-03-26T10:00:00Z',
  ...changed,
});

/** A target whose instances say what `versions` says, and which counts how often it was asked. */
function saying(versions: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const target = {
    run: (_component, _argv, _where, { instance: id = '' }) => {
      asked.push(id);
      return Promise.resolve({ exitCode: 0, stdout: `${versions[id]}\n`, stderr: '' });
    },
    reach: (url, { instance: id }) => {
      asked.push(id ?? url);
      if (id !== undefined && versions[id] === undefined)
        return Promise.reject(failure('request', 'not-behind-service', 'another', 'none'));
      return Promise.resolve({
        url: id === undefined ? url : `${base}/${versions[id]}`,
        close: () => Promise.resolve(),
      });
    },
  } satisfies Partial<Target>;
  return { target: target as unknown as Target, asked };
}

describe('the reported version', () => {
  const file = { how: 'file', component: 'app', path: '/version' } as const;
  const inside = { how: 'http', url: 'service://app/', jsonPath: ['app', 'version'] } as const;

  it('is what every running instance says, read once per start', async () => {
    const { target, asked } = saying({ a: '1.3.0', b: '1.3.0' });
    const instances = { app: [instance('a'), instance('b'), instance('c', { state: 'exited' })] };
    const cache = new Map<string, string>();
    const read = () => reportedVersion(file, target, instances, context, cache);
    expect(await read()).toEqual({ version: '1.3.0' });
    expect(await read()).toEqual({ version: '1.3.0' });
    expect(asked).toEqual(['a', 'b']);
  });

  it('is none when they differ', async () => {
    const { target } = saying({ a: '1.3.0', b: '1.2.2' });
    const instances = { app: [instance('a'), instance('b')] };
    expect(await reportedVersion(file, target, instances, context)).toEqual({
      why: 'the instances report different versions: a 1.3.0, b 1.2.2',
    });
  });

  it('is asked of every instance behind a Service, and of no other', async () => {
    const { target, asked } = saying({ a: '1.3.0', b: '1.2.2' });
    const instances = { app: [instance('a')], worker: [instance('w')] };
    expect(await reportedVersion(inside, target, instances, context)).toEqual({
      version: '1.3.0',
    });
    expect(asked).toEqual(['a', 'w']);
    const both = { app: [instance('a'), instance('b')] };
    expect(await reportedVersion(inside, target, both, context)).toHaveProperty('why');
  });

  it('is asked by an ordinary URL every time', async () => {
    const { target, asked } = saying({});
    const source = { how: 'http', url: `${base}/1.3.0`, jsonPath: ['app', 'version'] } as const;
    const cache = new Map<string, string>();
    for (let time = 0; time < 2; time += 1)
      expect(await reportedVersion(source, target, {}, context, cache)).toEqual({
        version: '1.3.0',
      });
    expect(asked).toHaveLength(2);
  });

  it('is none where nothing runs', async () => {
    const { target } = saying({});
    expect(await reportedVersion(file, target, { app: [] }, context)).toEqual({
      why: 'no instance of app is running',
    });
  });
});
