/**
 * Pushes images of a bundle to the registry that their references name. What the registry has already, by digest, is
 * not sent again, so that a push goes on where it was killed.
 */
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import type { ActContext } from '../domain/act.ts';
import { BelayError, failure } from '../domain/errors.ts';
import { openArchive } from './archive.ts';
import { memberName, type BundledBlob, type BundledImage } from './bundle.ts';
import type { Environment } from './docker-config.ts';
import { parseReference, type ImageReference } from './reference.ts';
import { findLogin } from './registry-auth.ts';
import { createAsker, denied, registryUrls } from './registry.ts';

/** An image with the name under which it is pushed. */
export interface Pushed {
  readonly reference: string;
  readonly image: BundledImage;
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar';
/** Layers are sent in pieces of this size (bytes): flat memory, and a time limit that fits a piece. */
const PIECE = 8 * 1024 * 1024;
/** Time limit of a piece, and of the registry's own work once it has a whole layer (ms). */
const PIECE_MS = 180_000;

/**
 * The manifest that a push makes, and its digest: the same each time, so that the plan knows beforehand by which identity
 * the nodes will report the image.
 */
export function manifestOf({ config, layers }: BundledImage): {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly digest: string;
} {
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: CONFIG, size: config.bytes, digest: config.digest },
      layers: layers.map(({ digest, bytes: size, gzip }) => ({
        mediaType: gzip ? `${LAYER}.gzip` : LAYER,
        size,
        digest,
      })),
    }),
  );
  return { bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

/**
 * Pushes them; progress in the bytes sent.
 *
 * @throws BelayError `image-denied` (request), `registry-unreachable` (environment).
 */
export async function pushBundle(
  path: string,
  wanted: readonly Pushed[],
  environment: Environment,
  context: ActContext,
): Promise<void> {
  for (const { reference, image } of wanted) {
    const repository = await openForPush(reference, environment, context.signal);
    const missing = new Map<string, BundledBlob>();
    for (const blob of [image.config, ...image.layers])
      if (!(await repository.has(blob.digest))) missing.set(blob.member, blob);
    if (missing.size > 0) await sendMembers(path, missing, repository, reference, context);
    await repository.putManifest(manifestOf(image).bytes);
  }
}

async function sendMembers(
  path: string,
  missing: Map<string, BundledBlob>,
  repository: Repository,
  reference: string,
  { signal, progress }: ActContext,
): Promise<void> {
  const totalBytes = [...missing.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  let doneBytes = 0;
  const archive = await openArchive(path);
  const sink = extract();
  const [file, counter, unpack] = archive.open(() => undefined);
  const fed = pipeline(file, counter, unpack, sink, { signal });
  fed.catch(() => undefined);
  for await (const entry of sink) {
    const blob = missing.get(memberName(path, entry.header.name));
    if (!blob) {
      entry.resume();
      continue;
    }
    await repository.putBlob(blob.digest, entry as AsyncIterable<Buffer>, (bytes) => {
      doneBytes += bytes;
      progress({ step: `push ${reference}`, doneBytes, totalBytes });
    });
  }
  await fed;
}

interface Repository {
  has(digest: string): Promise<boolean>;
  putBlob(
    digest: string,
    content: AsyncIterable<Buffer>,
    onSent: (bytes: number) => void,
  ): Promise<void>;
  putManifest(bytes: Buffer<ArrayBuffer>): Promise<void>;
}

async function openForPush(
  reference: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<Repository> {
  const image = parseReference(reference);
  if (!image)
    throw failure('request', 'image-reference', `${reference} is no image reference`, 'Correct it');
  const login = await findLogin(image.domain, environment);
  const ask = createAsker(image, login, signal, 'pull,push');
  const base = await answering(image, ask);
  const must = async (
    url: string,
    asked: Parameters<typeof ask>[1],
    statuses: readonly number[],
  ) => {
    const response = await ask(url, asked);
    await response.body?.cancel();
    if (statuses.includes(response.status)) return response;
    if (response.status === 401 || response.status === 403)
      throw new BelayError('request', denied(image, reference, login));
    throw refusedOrAway(image, reference, response.status);
  };
  const repository = `${base}/v2/${image.path}`;
  return {
    has: async (digest) => {
      const found = await must(`${repository}/blobs/${digest}`, { method: 'HEAD' }, [200, 404]);
      return found.status === 200;
    },
    putBlob: async (digest, content, onSent) => {
      let place = await must(`${repository}/blobs/uploads/`, { method: 'POST' }, [202]);
      let sent = 0;
      for await (const piece of pieces(content)) {
        const headers = {
          'content-type': 'application/octet-stream',
          'content-range': `${sent}-${sent + piece.length - 1}`,
        };
        place = await must(next(place, base), sending(headers, piece), [202]);
        sent += piece.length;
        onSent(piece.length);
      }
      const end = new URL(next(place, base));
      end.searchParams.set('digest', digest);
      await must(end.toString(), { method: 'PUT', timeoutMs: PIECE_MS }, [201]);
    },
    putManifest: async (bytes) => {
      const headers = { 'content-type': MANIFEST };
      const url = `${repository}/manifests/${image.tag ?? 'latest'}`;
      await must(url, { method: 'PUT', headers, body: bytes }, [201]);
    },
  };
}

/** The address at which the registry answers. */
async function answering(
  image: ImageReference,
  ask: ReturnType<typeof createAsker>,
): Promise<string> {
  let last: unknown;
  for (const url of registryUrls(image.domain, [])) {
    try {
      await (await ask(`${url}/v2/`)).body?.cancel();
      return url;
    } catch (error) {
      last ??= error;
    }
  }
  throw last;
}

function sending(headers: Readonly<Record<string, string>>, body: Buffer<ArrayBuffer>) {
  return { method: 'PATCH', headers, body, timeoutMs: PIECE_MS } as const;
}

/**
 * Where the upload goes on. A registry may say it relative to itself, and one behind a proxy may not know that it is
 * asked by https; the login must go to nobody else.
 */
function next(response: Response, base: string): string {
  const place = new URL(response.headers.get('location') ?? '', base);
  return new URL(`${place.pathname}${place.search}`, base).toString();
}

async function* pieces(content: AsyncIterable<Buffer>): AsyncIterable<Buffer<ArrayBuffer>> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    chunks.push(chunk);
    size += chunk.length;
    if (size < PIECE) continue;
    yield Buffer.concat(chunks);
    chunks = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(chunks);
}

/** Its own trouble passes; that it does not take an image does not. */
function refusedOrAway({ domain }: ImageReference, reference: string, status: number): BelayError {
  const why = `it answered ${status} to ${reference}`;
  if (status >= 400 && status < 500 && status !== 408 && status !== 429)
    return failure(
      'request',
      'push-refused',
      `The registry ${domain} does not take the image: ${why}`,
      status === 400
        ? 'The bundle may have been replaced meanwhile: plan again'
        : 'See whether it can be written to, has the project, and takes images of this size; or name an import command',
    );
  return failure(
    'environment',
    'registry-unreachable',
    `The registry ${domain} can’t be written: ${why}`,
    'See whether the registry runs and has room; belay tries again while its patience lasts',
  );
}
