import { setTimeout as sleep } from 'node:timers/promises';
import type { ActContext, Reached } from '../domain/act.ts';
import { failure, type BelayError } from '../domain/errors.ts';
import { redact } from '../process/redact.ts';
import { sendRequest, type HttpRequest } from './http-request.ts';
import { judgeAnswer, type Verdict } from './judge-answer.ts';
import { troubleNow, type Trouble } from './waiting.ts';

/** A migration that an HTTP request starts and whose answer ends it. */
export interface HttpMigration extends HttpRequest {
  /** For everything together. */
  readonly timeoutMs: number;
  readonly trouble: Trouble;
  /** Makes the URL askable from here. */
  readonly reach: (context: ActContext) => Promise<Reached>;
  /** How long the application may refuse connections before it counts as not starting. Default: 2 minutes. */
  readonly startWithinMs?: number;
}

const START_WITHIN_MS = 120_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** A 5xx may be a moment's; three are the release's. */
const FAILURES_ALLOWED = 3;

/**
 * Sends the request until it is answered with success. While the application starts it is asked again.
 *
 * @returns the answer's status and the beginning of its body, redacted.
 * @throws BelayError `request`: `migrate-denied`, `migrate-redirected`, `migrate-not-accepted`, `migrate-request`;
 * `release`: `migrate-failed`, `migrate-timeout`.
 */
export async function runHttp(
  migration: HttpMigration,
  context: ActContext,
): Promise<{ readonly said: string }> {
  const limit = AbortSignal.timeout(migration.timeoutMs);
  const signal = AbortSignal.any([context.signal, limit]);
  const what = `${migration.method} ${redact(migration.url)}`;
  try {
    return await askUntilDone(migration, what, { ...context, signal });
  } catch (error) {
    context.signal.throwIfAborted();
    if (!limit.aborted) throw error;
    throw released(
      'migrate-timeout',
      `${what} was not answered within ${migration.timeoutMs / 1000} s`,
    );
  }
}

async function askUntilDone(
  migration: HttpMigration,
  what: string,
  context: ActContext,
): Promise<{ readonly said: string }> {
  const startBy = Date.now() + (migration.startWithinMs ?? START_WITHIN_MS);
  let failures = 0;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    context.progress({ step: 'migrate', detail: `waiting for ${what}` });
    const verdict = await ask(migration, what, context);
    if (verdict.is === 'done') return { said: verdict.said };
    if (verdict.is === 'over') throw verdict.error;
    if (verdict.because === 'failed') failures += 1;
    const given = failures >= FAILURES_ALLOWED || Date.now() > startBy;
    const why = given ? undefined : await troubleNow(migration.trouble);
    if (given || why !== undefined) {
      const reason = why === undefined ? '' : ` (${why})`;
      throw released('migrate-failed', `${what} failed: ${verdict.said}${reason}`);
    }
    context.progress({ step: 'migrate', detail: `asking again: ${verdict.said}` });
    await sleep(pauseMs, undefined, { signal: context.signal });
  }
}

async function ask(migration: HttpMigration, what: string, context: ActContext): Promise<Verdict> {
  const { signal } = context;
  try {
    const reached = await migration.reach(context);
    try {
      return judgeAnswer(await sendRequest({ ...migration, url: reached.url }, signal), what);
    } finally {
      await reached.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const said = redact(error instanceof Error && error.message !== '' ? error.message : code);
    // ERR_INVALID_URL, ERR_INVALID_CHAR (a line end in a header) and the like: no answer will come of it.
    if (!code.startsWith('ERR_')) return { is: 'again', because: 'starting', said };
    const told = `${what} can't be sent: ${said}`;
    const remedy = 'correct migrate.url and migrate.headers';
    return { is: 'over', error: failure('request', 'migrate-request', told, remedy) };
  }
}

function released(code: string, message: string): BelayError {
  return failure('release', code, message, 'the release is taken back; correct its migration');
}
