import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './health.ts';

/** Answers one request. */
export type Handler = (request: IncomingMessage, url: URL) => Promise<Answer>;

const idleCheckMs = 10;

/**
 * Listens on every interface of the container.
 *
 * @returns a function that stops accepting and resolves when the requests in flight are answered.
 */
export async function listen(port: number, handler: Handler): Promise<() => Promise<void>> {
  const server = createServer((request, response) => void respond(handler, request, response));
  server.listen(port, '0.0.0.0');
  await once(server, 'listening');
  return async () => {
    const closed = once(server, 'close');
    server.close();
    // A kept-alive connection becomes idle only when its last answer is out, so this looks again.
    const timer = setInterval(() => server.closeIdleConnections(), idleCheckMs);
    await closed;
    clearInterval(timer);
  };
}

async function respond(
  handler: Handler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, body } = await handler(request, new URL(request.url ?? '/', 'http://localhost'));
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
