/** The workflow code, bundled once per version of the sources and kept in the cache: bundling takes a second or two. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { textVariables } from '../engine/environment.ts';
import { run } from '../process/run.ts';

const SOURCES = fileURLToPath(new URL('../', import.meta.url));
const MAKER = fileURLToPath(new URL(`make-bundle${import.meta.url.slice(-3)}`, import.meta.url));

/** A bundler takes seconds, on a loaded machine more. */
const BUNDLING_MS = 120_000;

/**
 * The bundle of `src/workflows`, from the cache when nothing has changed. It is made in a process of its own: the
 * bundler needs hundreds of MB once, which the engine would keep for its life.
 */
export async function workflowBundle(): Promise<{ readonly code: string }> {
  const folder = join(
    process.env['BELAY_CACHE'] ?? join(homedir(), '.cache', 'belay'),
    'workflow-bundles',
  );
  const path = join(folder, `${await digestOfSources()}.js`);
  const cached = await readFile(path, 'utf8').catch(() => undefined);
  if (cached !== undefined) return { code: cached };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  const made = await run([process.execPath, MAKER, temporary], {
    env: textVariables(process.env),
    timeoutMs: BUNDLING_MS,
  });
  if (made.exitCode !== 0) throw new Error(`the workflows could not be bundled: ${made.stderr}`);
  await rename(temporary, path);
  return { code: await readFile(path, 'utf8') };
}

/** Workflows may import only their own folder and the domain, so these files and the SDK decide the bundle. */
async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of ['workflows', 'domain']) {
    for (const name of (await readdir(join(SOURCES, folder))).sort()) {
      hash.update(`${folder}/${name}\0`).update(await readFile(join(SOURCES, folder, name)));
    }
  }
  const sdk = new URL(import.meta.resolve('@temporalio/workflow/package.json'));
  return hash
    .update(await readFile(sdk))
    .digest('hex')
    .slice(0, 32);
}
