/**
 * One HTTP request whose answer may take as long as a migration: `fetch` gives up after five minutes without headers.
 */
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';

/** A request without a body. */
export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  /** Resolved; values may be secret. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer. A redirect is one too: it is never followed, as it would carry the headers elsewhere. */
export interface HttpAnswer {
  readonly status: number;
  readonly location?: string;
  /** At most {@link MAX_BODY_BYTES}. */
  readonly body: string;
}

/** An answer that is longer is cut. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Sends it and reads the answer. Rejects with Node's own error (`ECONNREFUSED`), or the signal's reason. */
export async function sendRequest(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = request.url.startsWith('https:') ? requestHttps : requestHttp;
    const headers = { accept: 'application/json', 'content-length': '0', ...request.headers };
    // No agent: a kept connection may be one to a container that is gone.
    const options = { method: request.method, headers, signal, agent: false };
    send(request.url, options, resolve).on('error', reject).end();
  });
  const { location } = message.headers;
  return {
    status: message.statusCode ?? 0,
    ...(location === undefined ? {} : { location }),
    body: await readBody(message),
  };
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MAX_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString('utf8');
}
