import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askHealth, askHealthAgain } from './ask-health.ts';

const answers: Record<string, (response: ServerResponse) => void> = {
  '/ok': (response) => response.end('{"status":"ok","version":"1.3.0"}'),
  '/degraded': (response) => response.end('{"status":"degraded"}'),
  '/down': (response) => response.writeHead(503).end('{"status":"ok"}'),
  '/moved': (response) => response.writeHead(302, { location: '/ok' }).end(),
  '/html': (response) => response.end('<html>'),
  '/list': (response) => response.end('["ok"]'),
  '/hang': () => undefined,
  '/blip': (response) => {
    blips += 1;
    response.writeHead(blips < 3 ? 503 : 200).end('{"status":"ok"}');
  },
};

let blips = 0;
let server: Server;
let base: string;
beforeAll(async () => {
  server = createServer((request, response) => answers[request.url ?? '']?.(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (path: string, url = base) =>
  askHealth(
    {
      url: `${url}${path}`,
      expect: { status: 'ok' },
      requestTimeoutMs: path === '/hang' ? 300 : 5_000,
    },
    { reach: (asked) => Promise.resolve({ url: asked, close: () => Promise.resolve() }) },
    { signal: new AbortController().signal, progress: () => undefined },
  );

const askAgain = (path: string) =>
  askHealthAgain(
    { url: `${base}${path}`, expect: {}, requestTimeoutMs: 5_000, intervalMs: 1 },
    { reach: (asked) => Promise.resolve({ url: asked, close: () => Promise.resolve() }) },
    { signal: new AbortController().signal, progress: () => undefined },
  );

describe('askHealthAgain', () => {
  it('lets a bad moment pass', async () => {
    expect(await askAgain('/blip')).toMatchObject({ ok: true });
    expect(blips).toBe(3);
  });

  it('says what is wrong when it stays so', async () => {
    expect(await askAgain('/down')).toMatchObject({ ok: false, why: 'answers 503' });
  });
});

describe('askHealth', () => {
  it('takes what is expected', async () => {
    expect(await ask('/ok')).toMatchObject({ ok: true, status: 200 });
  });

  it.each([
    ['/degraded', 'answers status "degraded" instead of "ok"'],
    ['/down', 'answers 503'],
    ['/moved', 'answers 302, a redirect to /ok; give the final URL as health.url'],
    ['/html', 'answers 200, but not with a JSON object'],
    ['/list', 'answers 200, but not with a JSON object'],
    ['/hang', 'gave no answer within 300 ms'],
  ])('says what is wrong with %s', async (path, why) => {
    expect(await ask(path)).toMatchObject({ ok: false, why });
  });

  it('says that nobody listens', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    expect(await ask('/', `http://127.0.0.1:${port}`)).toEqual({
      ok: false,
      why: 'refuses connections',
    });
  });
});
