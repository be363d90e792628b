/**
 * Opens an image archive as a tar stream, whichever way it is compressed.
 */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { PassThrough, Transform, type Duplex } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { failure, type BelayError } from '../domain/errors.ts';

/** An archive that can be read. */
export interface Archive {
  readonly path: string;
  /** Size of the file. */
  readonly bytes: number;
  /** The stages to put in a pipeline, the file first; `onRead` hears the file's bytes so far. */
  open(onRead: (doneBytes: number) => void): readonly [Readable, Transform, Duplex];
}

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/**
 * Looks at the file's first bytes; names and endings don't count.
 *
 * @throws BelayError fault `request`: missing, unreadable, or no tar (plain, gzip or zstd).
 */
export async function openArchive(path: string): Promise<Archive> {
  const { head, bytes } = await readHead(path);
  const unpack = unpackerFor(head);
  if (!unpack)
    throw damagedBundle(path, 'it is no tar archive, plain or compressed by gzip or zstd');
  return {
    path,
    bytes,
    open: (onRead) => [
      createReadStream(path, { highWaterMark: 1 << 20 }),
      counter(onRead),
      unpack(),
    ],
  };
}

async function readHead(path: string): Promise<{ head: Buffer; bytes: number }> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new Error('it is not a file');
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
      return { head: buffer.subarray(0, bytesRead), bytes: found.size };
    } finally {
      await file.close();
    }
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = error instanceof Error ? error.message : String(error);
    throw failure(
      'request',
      missing ? 'bundle-missing' : 'bundle-unreadable',
      missing ? `The bundle ${path} does not exist` : `The bundle ${path} can't be read: ${why}`,
      'Check the path; it must be on the machine of the deployment and readable for belay’s user',
      error,
    );
  }
}

function unpackerFor(head: Buffer): (() => Duplex) | undefined {
  if (head.subarray(0, 2).equals(GZIP)) return () => createGunzip({ chunkSize: 1 << 18 });
  if (head.subarray(0, 4).equals(ZSTD)) return () => createZstdDecompress({ chunkSize: 1 << 18 });
  // A tar's first block carries this at byte 257; `docker save` writes it always.
  if (head.subarray(257, 262).toString('latin1') === 'ustar') return () => new PassThrough();
  return undefined;
}

function counter(onRead: (doneBytes: number) => void): Transform {
  let done = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      onRead(done);
      next(undefined, chunk);
    },
  });
}

/** The archive is not whole, or not what `docker save` writes. */
export function damagedBundle(path: string, why: string, cause?: unknown): BelayError {
  return failure(
    'request',
    'bundle-damaged',
    `The bundle ${path} can't be used: ${why}`,
    'Copy it again and compare its checksum, or save it anew (docker save IMAGE | gzip > FILE)',
    cause,
  );
}
