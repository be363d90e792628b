/** The workflow code, bundled once per version of the sources and kept in the cache: bundling takes a second or two. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const SOURCES = fileURLToPath(new URL('../', import.meta.url));

/** The bundle of `src/workflows`, from the cache when nothing has changed. */
export async function workflowBundle(): Promise<{ readonly code: string }> {
  const folder = join(
    process.env['BELAY_CACHE'] ?? join(homedir(), '.cache', 'belay'),
    'workflow-bundles',
  );
  const path = join(folder, `${await digestOfSources()}.js`);
  const cached = await readFile(path, 'utf8').catch(() => undefined);
  if (cached !== undefined) return { code: cached };
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(SOURCES, 'workflows', `index${import.meta.url.slice(-3)}`),
    logger: quiet,
  });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, code, { mode: 0o600 });
  await rename(temporary, path);
  return { code };
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

const nothing = () => undefined;
const quiet = {
  log: nothing,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};
