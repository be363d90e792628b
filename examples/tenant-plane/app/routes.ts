import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type pg from 'pg';
import type { Behaviour } from './behaviour.ts';
import { healthAnswer } from './health.ts';
import type { Answer } from './health.ts';
import { addIncident, countIncidents, listIncidents, titleIn } from './incidents.ts';
import { log, reasonOf } from './log.ts';
import { migrate } from './migrations.ts';

/** What the handlers work with. */
export interface Service {
  readonly behaviour: Behaviour;
  readonly pool: pg.Pool;
  /** Whoever sends it as `x-service-secret` may migrate. */
  readonly serviceSecret: string;
  readonly migrations: URL;
}

type Handler = (request: IncomingMessage, url: URL) => Promise<Answer>;

const largestBodyBytes = 64 * 1024;

/** The API: answers any request, with 404 where there is nothing and 500 where something failed. */
export function createApi(service: Service): Handler {
  const routes = routesOf(service);
  return async (request, url) => {
    const name = `${request.method ?? 'GET'} ${url.pathname}`;
    try {
      return (await routes[name]?.(request, url)) ?? failed(404, `nothing at ${name}`);
    } catch (error) {
      log('error', 'request failed', { request: name, reason: reasonOf(error) });
      return failed(500, 'internal error');
    }
  };
}

function routesOf(service: Service): Readonly<Record<string, Handler>> {
  let healthAnswers = 0;
  return {
    'GET /api/health': async () =>
      healthAnswer(service.behaviour, await databaseAnswers(service.pool), healthAnswers++),
    'GET /api/admin/license': () =>
      Promise.resolve({
        status: 200,
        body: { version: service.behaviour.version, plan: 'enterprise', seats: 250, valid: true },
      }),
    'POST /api/db/migrate': (request) => migrateNow(service, request),
    'POST /api/incidents': (request) => createIncident(service.pool, request),
    'GET /api/incidents': async (_request, url) => ({
      status: 200,
      body: url.searchParams.has('count')
        ? { count: await countIncidents(service.pool) }
        : { incidents: await listIncidents(service.pool) },
    }),
  };
}

async function databaseAnswers(pool: pg.Pool): Promise<boolean> {
  try {
    await pool.query('select now()');
    return true;
  } catch {
    return false;
  }
}

async function migrateNow(service: Service, request: IncomingMessage): Promise<Answer> {
  const sent = request.headers['x-service-secret'];
  if (typeof sent !== 'string' || !sameSecret(sent, service.serviceSecret)) {
    return failed(401, 'the header x-service-secret is missing or wrong');
  }
  return { status: 200, body: { ...(await migrate(service.pool, service.migrations)) } };
}

/** Compares digests, because the comparison itself needs equal lengths. */
function sameSecret(sent: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(sent), digest(expected));
}

async function createIncident(pool: pg.Pool, request: IncomingMessage): Promise<Answer> {
  const title = titleIn(await jsonBody(request));
  if (title === undefined) return failed(400, 'expected {"title": "1 to 500 characters"}');
  const id = await addIncident(pool, title);
  log('info', 'incident created', { id });
  return { status: 201, body: { id } };
}

/** The request's JSON, or undefined when it is none or too large to be one of ours. */
async function jsonBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestBodyBytes) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function failed(status: number, error: string): Answer {
  return { status, body: { error } };
}
