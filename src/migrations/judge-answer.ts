/**
 * What an answer to a migration request means: a pure table.
 */
import { failure, type BelayError } from '../domain/errors.ts';
import { parseJson } from '../domain/parse-json.ts';
import { redact } from '../process/redact.ts';
import type { HttpAnswer } from './http-request.ts';

/** `again`: ask again; it may be starting (`starting`) or have failed (`failed`, which it may do only so often). */
export type Verdict =
  | { readonly is: 'done'; readonly said: string }
  | { readonly is: 'again'; readonly because: 'starting' | 'failed'; readonly said: string }
  | { readonly is: 'over'; readonly error: BelayError };

/** Statuses of a server, or of a proxy before it, that is not ready yet. */
const STARTING = new Set([408, 425, 429, 502, 503, 504]);
const TAIL = 500;

/** @param what - method and URL without secrets, for errors. */
export function judgeAnswer(answer: HttpAnswer, what: string): Verdict {
  const { status } = answer;
  const said = `${status} ${redact(answer.body.trim()).slice(0, TAIL)}`.trim();
  if (STARTING.has(status)) return { is: 'again', because: 'starting', said };
  if (status >= 500) return { is: 'again', because: 'failed', said };
  if (status >= 200 && status < 300) return judgeBody(answer.body, what, said);
  return { is: 'over', error: refused(answer, what, said) };
}

function refused({ status, location }: HttpAnswer, what: string, said: string): BelayError {
  if (status >= 300 && status < 400) {
    const to = redact(location ?? 'nowhere');
    return failure(
      'request',
      'migrate-redirected',
      `${what} redirects (${status}) to ${to}; redirects are not followed, as they would carry secrets along`,
      'set migrate.url to the final address',
    );
  }
  if (status === 401 || status === 403) {
    return failure(
      'request',
      'migrate-denied',
      `${what} refuses the request: ${said}`,
      'correct the secret that migrate.headers refers to',
    );
  }
  return failure(
    'request',
    'migrate-not-accepted',
    `${what} does not accept the request: ${said}`,
    'correct migrate.url and migrate.method',
  );
}

/** A 2xx must be JSON or empty: a page of HTML with 200 is some front end's answer to an unknown path. */
function judgeBody(body: string, what: string, said: string): Verdict {
  if (body.trim() === '') return { is: 'done', said };
  const parsed = parseJson(body);
  if (parsed === undefined) {
    const error = failed(`${what} answered something that is no JSON: ${said}`);
    return { is: 'over', error };
  }
  return saysFailure(parsed)
    ? { is: 'over', error: failed(`${what} says that it failed: ${said}`) }
    : { is: 'done', said };
}

function saysFailure(parsed: unknown): boolean {
  if (typeof parsed !== 'object' || parsed === null) return false;
  const fields = new Map(Object.entries(parsed));
  const errors: unknown = fields.get('errors');
  return (
    fields.get('ok') === false ||
    fields.get('success') === false ||
    /^(error|failed|failure)$/i.test(String(fields.get('status'))) ||
    Boolean(fields.get('error')) ||
    (Array.isArray(errors) && errors.length > 0)
  );
}

function failed(message: string): BelayError {
  return failure(
    'release',
    'migrate-failed',
    message,
    'the release is taken back; correct its migration',
  );
}
