import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { rememberSecret } from '../process/redact.ts';
import { runHttp, type HttpMigration } from './run-http.ts';

const SECRET = rememberSecret('service-secret-value');
const context = { signal: new AbortController().signal, progress: () => undefined };
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real server that answers these in turn, the last one for ever; returns its URL and what it was asked. */
async function serve(...answers: readonly Answer[]) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answers[Math.min(asked.length, answers.length) - 1]?.(request, response);
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/migrate`, asked };
}

const say =
  (status: number, body = '', headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

function migration(url: string, changes: Partial<HttpMigration> = {}): HttpMigration {
  return {
    url,
    method: 'POST',
    headers: { 'x-service-secret': SECRET },
    timeoutMs: 10_000,
    trouble: () => Promise.resolve(undefined),
    reach: () => Promise.resolve({ url, close: () => Promise.resolve() }),
    ...changes,
  };
}

describe('a migration by HTTP', () => {
  it('is done when it is answered so', async () => {
    const { url, asked } = await serve(say(200, '{"applied":[2017,2018],"skipped":[]}'));
    const { said } = await runHttp(migration(url), context);
    expect(said).toBe('200 {"applied":[2017,2018],"skipped":[]}');
    expect(asked[0]).toMatchObject({ method: 'POST', url: '/migrate' });
    expect(asked[0]?.headers['x-service-secret']).toBe(SECRET);
  });

  it('is asked again while the application starts', async () => {
    const reset: Answer = (request) => request.socket.destroy();
    const { url, asked } = await serve(say(503), reset, say(500, 'a moment'), say(204));
    expect(await runHttp(migration(url), context)).toEqual({ said: '204' });
    expect(asked).toHaveLength(4);
  });

  it.each([
    ['401', say(401, `{"error":"not ${SECRET}"}`), 'request', 'migrate-denied'],
    ['403', say(403), 'request', 'migrate-denied'],
    ['404', say(404), 'request', 'migrate-not-accepted'],
    ['a redirect', say(302, '', { location: '/elsewhere' }), 'request', 'migrate-redirected'],
    ['HTML', say(200, '<html>welcome</html>'), 'release', 'migrate-failed'],
    ['a failure with 200', say(200, '{"status":"failed"}'), 'release', 'migrate-failed'],
    ['errors with 200', say(200, '{"errors":["no"]}'), 'release', 'migrate-failed'],
  ])('fails at once by %s', async (_, answer, fault, code) => {
    const { url, asked } = await serve(answer);
    const attempt = runHttp(migration(url), context);
    await expect(attempt).rejects.toMatchObject({ fault, code });
    await expect(attempt).rejects.not.toThrow(SECRET);
    expect(asked).toHaveLength(1);
  });

  it('fails after three 5xx', async () => {
    const { url, asked } = await serve(say(500, '{"error":"migration 2019"}'));
    const attempt = runHttp(migration(url), context);
    await expect(attempt).rejects.toMatchObject({ fault: 'release', code: 'migrate-failed' });
    await expect(attempt).rejects.toThrow('migration 2019');
    expect(asked).toHaveLength(3);
  });

  it('fails when nothing ever listens', async () => {
    const { url } = await serve();
    const server = servers.splice(0)[0];
    server?.close();
    const attempt = runHttp(migration(url, { startWithinMs: 500 }), context);
    await expect(attempt).rejects.toMatchObject({ fault: 'release', code: 'migrate-failed' });
    await expect(attempt).rejects.toThrow('ECONNREFUSED');
  });

  it('fails early when the container is gone', async () => {
    const { url, asked } = await serve(say(503));
    const trouble = () => Promise.resolve('acme-1 exited (1)');
    const attempt = runHttp(migration(url, { trouble }), context);
    await expect(attempt).rejects.toThrow('acme-1 exited (1)');
    expect(asked).toHaveLength(1);
  });

  it('fails at its time limit when the answer never comes', async () => {
    const { url } = await serve(() => undefined);
    const attempt = runHttp(migration(url, { timeoutMs: 300 }), context);
    await expect(attempt).rejects.toMatchObject({ fault: 'release', code: 'migrate-timeout' });
  });

  it('refuses headers that can’t be sent', async () => {
    const { url } = await serve(say(200));
    const headers = { 'x-service-secret': `${SECRET}\n` };
    const attempt = runHttp(migration(url, { headers }), context);
    await expect(attempt).rejects.toMatchObject({ fault: 'request', code: 'migrate-request' });
    await expect(attempt).rejects.not.toThrow(SECRET);
  });
});
