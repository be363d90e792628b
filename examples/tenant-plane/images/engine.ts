import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { hashLabel } from './recipe.ts';

const inspectedSchema = z.array(
  z.object({
    RepoTags: z.array(z.string()).nullable(),
    Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
  }),
);

/** The recipe hashes of those of some images that the Docker engine has, by reference. */
export async function localHashes(references: readonly string[]): Promise<Map<string, string>> {
  // It prints the images that are there and exits 1 when one is not.
  const { stdout, stderr, code } = await docker(['image', 'inspect', ...references]);
  if (code !== 0 && !/no such image/i.test(stderr)) throw failure('image inspect', stderr);
  const hashes = new Map<string, string>();
  for (const { RepoTags, Config } of inspectedSchema.parse(JSON.parse(stdout))) {
    for (const tag of RepoTags ?? []) hashes.set(tag, Config.Labels?.[hashLabel] ?? 'not ours');
  }
  return hashes;
}

/** Loads an image archive. @throws Error with what Docker said. */
export async function load(archive: AsyncIterable<unknown>): Promise<void> {
  const { stderr, code } = await docker(['image', 'load', '--quiet'], archive);
  if (code !== 0) throw failure('image load', stderr);
}

/** Pushes one image to the registry that its name begins with. @throws Error with what Docker said. */
export async function push(reference: string): Promise<void> {
  const { stderr, code } = await docker(['image', 'push', '--quiet', reference]);
  if (code !== 0) throw failure(`image push ${reference}`, stderr);
}

interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

async function docker(argv: readonly string[], input?: AsyncIterable<unknown>): Promise<Finished> {
  const child = spawn('docker', argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => {
      reject(new Error('the docker command does not start: run scripts/setup', { cause }));
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
  const fed =
    input === undefined
      ? Promise.resolve(child.stdin.end())
      : // A broken pipe only says that Docker ended early; its own words say why.
        pipeline(input, child.stdin).catch(() => undefined);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
    fed,
  ]);
  return { stdout, stderr, code };
}

function failure(what: string, stderr: string): Error {
  return new Error(`docker ${what} failed: ${stderr.trim() || 'it said nothing'}`);
}
