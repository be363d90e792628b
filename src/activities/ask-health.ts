/** Asks the health URL and says what is wrong with the answer, in words. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActContext } from '../domain/act.ts';
import type { HealthSettings } from '../domain/deployment.ts';
import { BelayError } from '../domain/errors.ts';
import type { HealthAnswer } from '../domain/judge.ts';
import { parseJson } from '../domain/parse-json.ts';
import type { Target } from '../targets/target.ts';

/** A health answer is small; more than this (bytes) is not one. */
const MAX_BODY = 256 * 1024;

/** One bad answer is no verdict: a database that is busy for a moment is enough for it. */
const CHANCES = 3;

type Asked = Pick<HealthSettings, 'url' | 'expect' | 'requestTimeoutMs'>;

/** One probe. Never throws: whatever went wrong is the answer. Redirects are not followed: they hide who answers. */
export async function askHealth(
  settings: Asked,
  target: Pick<Target, 'reach'>,
  context: ActContext,
): Promise<HealthAnswer> {
  try {
    const reached = await target.reach(settings.url, {}, context);
    try {
      return await ask({ ...settings, url: reached.url }, context.signal);
    } finally {
      await reached.close();
    }
  } catch (error) {
    if (error instanceof BelayError) return { ok: false, why: error.message };
    throw error;
  }
}

/** Whether it is healthy now: asked again, at the gate's pace, before it is said to be not. */
export async function askHealthAgain(
  settings: Asked & Pick<HealthSettings, 'intervalMs'>,
  target: Pick<Target, 'reach'>,
  context: ActContext,
): Promise<HealthAnswer> {
  for (let chance = 1; ; chance += 1) {
    const answer = await askHealth(settings, target, context);
    if (answer.ok || chance === CHANCES) return answer;
    await sleep(settings.intervalMs, undefined, { signal: context.signal });
  }
}

async function ask(settings: Asked, signal: AbortSignal): Promise<HealthAnswer> {
  const startedMs = Date.now();
  const timeout = AbortSignal.timeout(settings.requestTimeoutMs);
  try {
    const response = await fetch(settings.url, {
      redirect: 'manual',
      headers: { accept: 'application/json', connection: 'close' },
      signal: AbortSignal.any([signal, timeout]),
    });
    const body = await readBounded(response);
    const why = whyNotHealthy(response, body, settings);
    return why === undefined
      ? { ok: true, status: response.status, tookMs: Date.now() - startedMs }
      : { ok: false, why, status: response.status };
  } catch (error) {
    if (timeout.aborted) {
      return { ok: false, why: `gave no answer within ${settings.requestTimeoutMs} ms` };
    }
    return { ok: false, why: describe(error) };
  }
}

function whyNotHealthy(response: Response, body: string, settings: Asked): string | undefined {
  if (response.status >= 300 && response.status < 400) {
    const to = response.headers.get('location') ?? 'elsewhere';
    return `answers ${response.status}, a redirect to ${to}; give the final URL as health.url`;
  }
  if (!response.ok) return `answers ${response.status}`;
  const expected = Object.entries(settings.expect);
  if (expected.length === 0) return undefined;
  const json = parse(body);
  if (json === undefined) return `answers ${response.status}, but not with a JSON object`;
  const wrong = expected.filter(([key, value]) => json[key] !== value);
  if (wrong.length === 0) return undefined;
  return `answers ${wrong
    .map(([key, value]) => `${key} ${show(json[key])} instead of ${show(value)}`)
    .join(', ')}`;
}

function parse(body: string): Record<string, unknown> | undefined {
  const value = parseJson(body);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80);
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  if (!body) return '';
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BODY) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function describe(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = (cause as { code?: unknown }).code;
  if (code === 'ECONNREFUSED') return 'refuses connections';
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'closed the connection';
  if (code === 'ENOTFOUND') return 'has a host name that does not resolve';
  return cause instanceof Error ? cause.message : String(cause);
}
