/** The Docker CLI for the tests' own arrangements. */
import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Runs `docker` and returns its output. @throws Error with what it said when it fails. */
export async function docker(argv: readonly string[], input?: Readable): Promise<Buffer> {
  const child = spawn('docker', argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [out, err, code] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    exit,
    pipeline(input ?? Readable.from([]), child.stdin).catch(() => undefined),
  ]);
  if (code !== 0) throw new Error(`docker ${argv.join(' ')}: ${err.toString()}`);
  return out;
}

/** Runs `docker` and ignores that it fails: for removing what may not be there. */
export async function dockerIfPossible(...argv: readonly string[]): Promise<void> {
  await docker(argv).catch(() => undefined);
}
