/**
 * Evidence on disk: private, redacted, with its digest.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Evidence } from '../domain/target.ts';
import { redact } from './redact.ts';

/** One file that is to be written. */
export interface Piece {
  readonly name: string;
  readonly text: string;
}

/** Values of variables that are called so are masked wherever they show up, also in logs. */
export const SECRET_NAME = /PASS|SECRET|TOKEN|KEY|CRED|URL|URI|DSN|AUTH|SALT/i;

/** Writes the pieces into `directory` (0700), each file 0600 and redacted. */
export async function writeEvidence(
  directory: string,
  pieces: readonly Piece[],
): Promise<Evidence[]> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const written: Evidence[] = [];
  for (const piece of pieces) written.push(await write(directory, piece));
  return written;
}

async function write(directory: string, { name, text }: Piece): Promise<Evidence> {
  const path = join(directory, name.replaceAll(/[^\w.-]/g, '_'));
  const bytes = Buffer.from(redact(text));
  await writeFile(path, bytes, { mode: 0o600 });
  await chmod(path, 0o600);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name, path, bytes: bytes.length, sha256 };
}

/** What can't be had is said in its place. */
export async function orWhyNot(read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch (error) {
    return `could not be captured: ${error instanceof Error ? error.message : String(error)}\n`;
  }
}
