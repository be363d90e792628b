/**
 * Loads a bundle into the engine, streaming.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PassThrough } from 'node:stream';
import type { ActContext } from '../../domain/act.ts';
import { damagedBundle, openArchive } from '../../images/archive.ts';
import { diskFull, engineFailure, statusOf, type Engine } from './engine.ts';
import { readEvents } from './engine-stream.ts';

/**
 * Unpacks the archive here and hands it to the engine. What arrived must be proven by image ID afterwards.
 *
 * @throws BelayError fault `request` for a damaged archive, `environment` for the engine's troubles.
 */
export async function loadBundle(engine: Engine, path: string, context: ActContext): Promise<void> {
  const archive = await openArchive(path);
  const step = `load ${path}`;
  const body = new PassThrough();
  const [file, counter, unpack] = archive.open((doneBytes) =>
    context.progress({ step, doneBytes, totalBytes: archive.bytes }),
  );
  const fed = pipeline(file, counter, unpack, body, { signal: context.signal });
  const loaded = receive(engine, body, context.signal);
  const [feeding, loading] = await Promise.allSettled([fed, loaded]);
  context.signal.throwIfAborted();
  if (loading.status === 'rejected') throw loadFailure(engine, path, loading.reason, feeding);
  if (loading.value !== undefined) {
    if (/no space left on device/i.test(loading.value)) throw diskFull(loading.value);
    throw damagedBundle(path, `the engine says: ${loading.value}`);
  }
  if (feeding.status === 'rejected') throw loadFailure(engine, path, feeding.reason, feeding);
}

async function receive(
  engine: Engine,
  body: PassThrough,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  try {
    const stream = await engine.patient.loadImage(body, { abortSignal });
    return await readEvents(
      stream instanceof Readable ? stream : Readable.from(stream),
      () => undefined,
    );
  } catch (error) {
    // Nobody reads on: let the feeding end too.
    body.destroy(error instanceof Error ? error : undefined);
    throw error;
  }
}

function loadFailure(
  engine: Engine,
  path: string,
  error: unknown,
  feeding: PromiseSettledResult<void>,
): unknown {
  const message = error instanceof Error ? error.message : String(error);
  const isArchive = /^(?:Z_|ERR_ZSTD|ZSTD_)/.test(
    error instanceof Error && 'code' in error ? String(error.code) : '',
  );
  if (isArchive) return damagedBundle(path, message, error);
  const status = statusOf(error);
  if (status !== undefined && /archive\/tar|unexpected EOF|invalid tar|gzip|zstd/i.test(message))
    return damagedBundle(path, `the engine says: ${message}`, error);
  return engineFailure(
    feeding.status === 'rejected' && status === undefined && feeding.reason !== error
      ? feeding.reason
      : error,
    engine.endpoint,
  );
}
