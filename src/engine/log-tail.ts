/**
 * The end of the engine's log, for messages about an engine that didn't start.
 */
import { open } from 'node:fs/promises';
import { redact } from '../process/redact.ts';

const TAIL_BYTES = 16 * 1024;

/** The last `count` telling lines after `fromByte`, redacted; a sentence when there are none. */
export async function lastLines(file: string, count: number, fromByte = 0): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return 'it wrote no log';
  try {
    const { size } = await handle.stat();
    const start = Math.max(fromByte, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(Math.max(0, size - start)),
      0,
      undefined,
      start,
    );
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n').filter(isTelling);
    return lines.length === 0 ? 'it wrote nothing' : redact(lines.slice(-count).join('\n'));
  } finally {
    await handle.close();
  }
}

/** Blank lines and the frames of a stack tell an operator nothing. */
function isTelling(line: string): boolean {
  return line.trim() !== '' && !/^\s+at /.test(line);
}
