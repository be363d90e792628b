/**
 * What an API server's answer, or its silence, means.
 */
import { ApiException } from '@kubernetes/client-node';
import { z } from 'zod';
import { BelayError, failure } from '../domain/errors.ts';
import { parseJson } from '../domain/parse-json.ts';
import { redact } from '../process/redact.ts';

/** The parts of a Status object that say what happened. */
const statusSchema = z.object({
  message: z.string().optional(),
  reason: z.string().optional(),
});

/** The HTTP status of an API server's answer; undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof BelayError) return statusOf(error.cause);
  return error instanceof ApiException ? error.code : undefined;
}

/** What the API server said, in its words; empty when it said nothing. */
export function messageOf(error: unknown): string {
  if (!(error instanceof ApiException))
    return error instanceof Error ? error.message : String(error);
  const parsed = statusSchema.safeParse(parseBody(error.body));
  return redact(parsed.data?.message ?? parsed.data?.reason ?? `HTTP ${error.code}`);
}

function parseBody(body: unknown): unknown {
  return typeof body === 'string' ? parseJson(body) : body;
}

/**
 * Whose fault it is. `doing` completes "while …": `reading Deployment/web in shop`.
 * 404, 409 and 422 are fault `unknown` here: what they mean, the caller knows.
 */
export function clusterFailure(error: unknown, doing: string): BelayError {
  if (error instanceof BelayError) return error;
  const status = statusOf(error);
  if (status === undefined) return unreachable(error, doing);
  const said = messageOf(error);
  if (status === 401)
    return failure(
      'request',
      'cluster-denied',
      `The cluster does not know who asks, while ${doing}: ${said}`,
      'The kubeconfig’s certificate or token may have expired: renew it',
      error,
    );
  if (status === 403)
    return failure(
      'request',
      'permission-missing',
      `Not allowed, while ${doing}: ${said}`,
      'Grant what `belay rbac NAME` prints: belay rbac NAME | kubectl apply -f -',
      error,
    );
  if (status === 429 || status >= 500) return unreachable(error, doing);
  return failure(
    'unknown',
    `cluster-answer-${status}`,
    `The cluster answered ${status}, while ${doing}: ${said}`,
    'Look at the objects it names, then retry',
    error,
  );
}

function unreachable(error: unknown, doing: string): BelayError {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const certificate = /CERT|SELF_SIGNED|ALTNAME/.test(code);
  const said = error instanceof ApiException ? messageOf(error) : code || messageOf(cause);
  return failure(
    'environment',
    'cluster-unreachable',
    `The cluster can’t be asked, while ${doing}: ${said}`,
    certificate
      ? 'Correct the certificate authority in the kubeconfig'
      : 'See whether its API server runs and can be reached from here; belay goes on by itself then',
    error,
  );
}

/** Asks, and tells failures apart. */
export async function asked<T>(doing: string, question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (error) {
    throw clusterFailure(error, doing);
  }
}

/** The same, with undefined for "there is no such thing". */
export async function found<T>(doing: string, question: Promise<T>): Promise<T | undefined> {
  try {
    return await question;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw clusterFailure(error, doing);
  }
}
