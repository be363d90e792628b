/**
 * The proof of a backup: its own tools read it to the end. `pg_restore --list` would pass on a truncated archive.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { failure } from '../domain/errors.ts';
import type { ActContext } from '../domain/act.ts';
import { redact } from '../process/redact.ts';
import type { Tools } from './tools.ts';

const READ_SIZE = 1024 * 1024;

/**
 * Reads the whole archive with pg_restore, throwing the result away. The file is streamed to stdin, because inside a
 * container it has no path.
 *
 * @throws BelayError `environment`, `backup-unproven`: a dump that can't be read is taken again.
 */
export async function readFully(
  file: string,
  tools: Tools,
  timeoutMs: number,
  context: ActContext,
): Promise<void> {
  const output = await tools.run(
    'pg_restore',
    ['--file=/dev/null'],
    { env: { LC_ALL: 'C' }, stdinFile: file, timeoutMs },
    context,
  );
  context.signal.throwIfAborted();
  if (output.exitCode === 0) return;
  throw failure(
    'environment',
    'backup-unproven',
    `the backup that was just taken can't be read to its end (exit code ${output.exitCode}): ${redact(output.stderr.trim()).slice(-2_000)}`,
    'it is taken again; if it happens twice, look at the disk and at the log of the database',
  );
}

/** sha256 (hexadecimal) and size of a file, read in pieces. */
export async function hashFile(
  file: string,
  signal: AbortSignal,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const stream = createReadStream(file, { highWaterMark: READ_SIZE, signal });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}
