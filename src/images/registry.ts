/**
 * Reads manifests and configurations from a registry by its HTTP API (v2), without downloading layers.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { BelayError } from '../domain/errors.ts';
import { failure, type Refusal } from '../domain/errors.ts';
import { redact } from '../process/redact.ts';
import type { Environment } from './docker-config.ts';
import { repositoryOf, type ImageReference } from './reference.ts';
import { basicAuth, findLogin, parseChallenge, tokenUrl, type Login } from './registry-auth.ts';

/** A registry's no: of the request, together with others' if need be. */
export class RegistryRefusal extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.name = 'RegistryRefusal';
    this.refusal = refusal;
  }
}

/** One document with the digest of its bytes. */
interface Fetched {
  readonly body: Buffer;
  /** `sha256:…` */
  readonly digest: string;
}

/** Reads from one repository. */
export interface RepositoryReader {
  /** A manifest or index by tag or digest. */
  manifest(tagOrDigest: string): Promise<Fetched>;
  /** A small blob, such as an image's configuration. */
  blob(digest: string): Promise<Fetched>;
}

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const TIMEOUT_MS = 20_000;
const MAX_BYTES = 16 * 1024 * 1024;
const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** The addresses at which a registry may answer, in the order to try. Docker trusts its own machine without TLS. */
export function registryUrls(domain: string, insecure: readonly string[]): readonly string[] {
  const host = domain === 'docker.io' ? 'registry-1.docker.io' : domain;
  const name = host.replace(/:\d+$/, '');
  const isHere = name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
  const isInsecure = isHere || insecure.includes(host);
  return isInsecure ? [`http://${host}`, `https://${host}`] : [`https://${host}`];
}

/** Opens a repository. Its methods throw {@link RegistryRefusal}, or `BelayError` of fault `environment`. */
export async function openRepository(
  image: ImageReference,
  insecure: readonly string[],
  env: Environment,
  signal: AbortSignal,
): Promise<RepositoryReader> {
  const login = await findLogin(image.domain, env);
  const ask = createAsker(image, login, signal);
  const read = async (path: string, what: string): Promise<Fetched> => {
    let last: unknown;
    for (const url of registryUrls(image.domain, insecure)) {
      try {
        return await readAnswer(await ask(`${url}/v2/${image.path}/${path}`), image, what, login);
      } catch (error) {
        if (error instanceof RegistryRefusal) throw error;
        last ??= error;
      }
    }
    throw last;
  };
  return {
    manifest: (tagOrDigest) => read(`manifests/${tagOrDigest}`, tagOrDigest),
    blob: (digest) => read(`blobs/${digest}`, digest),
  };
}

/** What is asked beyond an address. */
export interface Asked {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer<ArrayBuffer>;
  /** Instead of 20 s. */
  readonly timeoutMs?: number;
}

/** Asks with the login that the registry demands; throws `environment` when it does not answer at all. */
export function createAsker(
  image: ImageReference,
  login: Login,
  signal: AbortSignal,
  actions: 'pull' | 'pull,push' = 'pull',
): (url: string, asked?: Asked) => Promise<Response> {
  let authorization: string | undefined;
  const send = async (url: string | URL, auth: string | undefined, asked: Asked = {}) => {
    const { timeoutMs = TIMEOUT_MS, headers: more, ...request } = asked;
    const timed = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const headers = { accept: ACCEPT, ...more, ...(auth ? { authorization: auth } : {}) };
    try {
      return await fetch(url, { ...request, headers, signal: timed });
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(image, reasonOf(error), error);
    }
  };
  return async (url, asked) => {
    const first = await send(url, authorization, asked);
    if (first.status !== 401) return first;
    const challenge = parseChallenge(first.headers.get('www-authenticate'));
    if (challenge?.scheme === 'bearer') {
      const from = tokenUrl(challenge, image.path, actions);
      if (!from) return first;
      const basic = login.credentials && basicAuth(login.credentials);
      const answer = await send(from, basic);
      if (!answer.ok) return answer;
      const { token, access_token } = tokenSchema.parse(await answer.json());
      authorization = `Bearer ${token ?? access_token ?? ''}`;
    } else if (challenge && login.credentials) authorization = basicAuth(login.credentials);
    else return first;
    await first.body?.cancel();
    return send(url, authorization, asked);
  };
}

async function readAnswer(
  response: Response,
  image: ImageReference,
  what: string,
  login: Login,
): Promise<Fetched> {
  const { status } = response;
  const name = `${repositoryOf(image)}${what.startsWith('sha256:') ? '@' : ':'}${what}`;
  if (!response.ok) await response.body?.cancel();
  if (status === 404)
    throw new RegistryRefusal({
      code: 'image-not-found',
      message: `the registry ${image.domain} has no image ${name}`,
      remedy: 'Check the version; push the image, or name a bundle',
    });
  if (status === 401 || status === 403) throw new RegistryRefusal(denied(image, name, login));
  if (!response.ok) throw unreachable(image, `it answered ${status} for ${name}`);
  const length = Number(response.headers.get('content-length') ?? 0);
  if (length > MAX_BYTES) throw unreachable(image, `its answer for ${name} has ${length} bytes`);
  let body: Buffer;
  try {
    body = Buffer.from(await response.arrayBuffer());
  } catch (error) {
    throw unreachable(image, reasonOf(error), error);
  }
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  if (what.startsWith('sha256:') && what !== digest)
    throw unreachable(image, `it gave other bytes for ${name}`);
  return { body, digest };
}

/** The registry's own no to whoever asks. */
export function denied(image: ImageReference, name: string, { helper }: Login): Refusal {
  const stored = `; Docker's login for it lies in the credential helper "${helper ?? ''}", which belay does not ask`;
  return {
    code: 'image-denied',
    message: `the registry ${image.domain} denies ${name}${helper ? stored : ''}`,
    remedy: `Log in as the worker's user (docker login ${image.domain}), or correct the name: registries also deny what does not exist`,
  };
}

function unreachable(image: ImageReference, why: string, cause?: unknown): BelayError {
  return failure(
    'environment',
    'registry-unreachable',
    `the registry ${image.domain} can't be read: ${redact(why)}`,
    'See whether the registry runs and can be reached from here; belay tries again while its patience lasts',
    cause,
  );
}

/** `fetch` hides the reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer in ${TIMEOUT_MS / 1000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ('code' in cause ? String(cause.code) : error.message);
}
