/**
 * Reads a file that a person wrote: regular, small, UTF-8.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { failure } from '../domain/errors.ts';

/** The largest file (bytes) that is read: deployment and release files are a few kilobytes. */
const MAX_FILE_BYTES = 1_000_000;

/** A file's text, and the sha256 (hex) of its bytes. */
export interface SmallFile {
  readonly text: string;
  readonly digest: string;
}

/**
 * Returns undefined when there is no such file.
 *
 * @throws BelayError `request` when it is no regular file, too large, not UTF-8, or may not be read.
 */
export async function readSmallFile(file: string): Promise<SmallFile | undefined> {
  const bytes = await readBytes(file);
  if (bytes === undefined) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text, digest: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    throw failure(
      'request',
      'file-encoding',
      `${file} is not UTF-8 text`,
      'Save it as UTF-8',
      error,
    );
  }
}

async function readBytes(file: string): Promise<Buffer | undefined> {
  try {
    await using handle = await open(file, 'r');
    const stats = await handle.stat();
    if (!stats.isFile()) {
      throw failure(
        'request',
        'file-kind',
        `${file} is not a regular file`,
        'Put a YAML file there',
      );
    }
    // Read one byte more than is allowed, whatever the size says: the file may be growing.
    const buffer = Buffer.alloc(Math.min(stats.size, MAX_FILE_BYTES) + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    if (bytesRead > MAX_FILE_BYTES) {
      const message = `${file} is larger than ${MAX_FILE_BYTES} bytes`;
      throw failure('request', 'file-size', message, 'A file of this kind has a few kilobytes');
    }
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) throw error;
    const remedy = 'Check who owns it, and who may read it and its directory';
    throw failure('request', 'file-unreadable', `${file} can't be read (${code})`, remedy, error);
  }
}
