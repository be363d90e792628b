/**
 * Other files that a bundle brings beside its images: a chart, found by its file name.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { posix } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { BelayError } from '../domain/errors.ts';
import { damagedBundle, openArchive } from './archive.ts';
import { memberName } from './bundle.ts';

/** More than any chart needs (bytes): a Secret, in which helm keeps it, holds one. */
const MOST = 32 * 1024 * 1024;

/**
 * Copies the member called `name`, in whichever folder of the archive, to the new file `to`.
 *
 * @returns its `sha256:…`; undefined when the archive has none.
 * @throws BelayError fault `request`: `bundle-…`; the file exists.
 */
export async function extractFromBundle(
  path: string,
  name: string,
  to: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const archive = await openArchive(path);
  const sink = extract();
  const [file, counter, unpack] = archive.open(() => undefined);
  const fed = pipeline(file, counter, unpack, sink, { signal });
  // The loop below hears of a broken feed by itself; this only keeps it from being unhandled until then.
  fed.catch(() => undefined);
  let digest: string | undefined;
  try {
    for await (const entry of sink) {
      const { name: member, type } = entry.header;
      const isIt = type === 'file' && posix.basename(memberName(path, member)) === name;
      if (isIt && digest !== undefined) throw damagedBundle(path, `it has several files ${name}`);
      if (isIt) digest = await copy(path, entry as AsyncIterable<Buffer>, to);
      else entry.resume();
    }
    await fed;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof BelayError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw damagedBundle(path, `${name} can't be read from it (${why})`, error);
  }
  return digest;
}

async function copy(path: string, entry: AsyncIterable<Buffer>, to: string): Promise<string> {
  const hash = createHash('sha256');
  let size = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      size += chunk.length;
      hash.update(chunk);
      next(size > MOST ? damagedBundle(path, `a file in it is larger than a chart`) : null, chunk);
    },
  });
  await pipeline(entry, count, createWriteStream(to, { flags: 'wx', mode: 0o644 }));
  return `sha256:${hash.digest('hex')}`;
}
