/**
 * How a proven backup gets its final name, so that a kill at any moment leaves either no backup or a whole one.
 */
import { link, lstat, open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failure } from '../domain/errors.ts';
import { removeIfThere } from './leftovers.ts';
import { manifestPath, readManifest, renderManifest, type Manifest } from './manifest.ts';
import { hashFile } from './proof.ts';

/** Forces a file, or a directory's entries, to the disk. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Gives `partial` its final name and writes the manifest beside it, last. Nothing that exists is replaced: another
 * deployment may share the directory and have upgraded from the same version in the same second.
 *
 * @param manifestOf - the manifest for the name that was free.
 * @returns absolute path of the backup.
 */
export async function publish(
  partial: string,
  names: readonly string[],
  manifestOf: (file: string) => Manifest,
): Promise<string> {
  const directory = dirname(partial);
  for (const name of names) {
    const path = join(directory, name);
    // Another's manifest can lie there without its backup, which somebody moved away.
    if (await exists(manifestPath(path))) continue;
    // First the pending manifest: with it, the next attempt finishes what a kill interrupts here.
    await writeDurably(pendingPath(partial), renderManifest(manifestOf(name)));
    if (!(await linkNew(partial, path))) continue;
    await finish(partial, path);
    return path;
  }
  throw failure(
    'environment',
    'backup-name-taken',
    `every name for the backup is taken in ${directory}: ${names.join(', ')}`,
    `move these files away from ${directory}`,
  );
}

/**
 * Finishes what a kill interrupted between the backup's final name and its manifest.
 *
 * @returns the backup's path, or undefined when this partial file had not come so far.
 */
export async function finishInterrupted(
  partial: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const manifest = await readManifest(pendingPath(partial));
  if (!manifest) return undefined;
  const path = join(dirname(partial), manifest.file);
  if (!(await exists(path))) return undefined;
  const { sha256, bytes } = await hashFile(path, signal);
  if (sha256 !== manifest.sha256 || bytes !== manifest.bytes) return undefined;
  await finish(partial, path);
  return path;
}

async function finish(partial: string, path: string): Promise<void> {
  const directory = dirname(path);
  await sync(directory);
  await rename(pendingPath(partial), manifestPath(path));
  await removeIfThere(partial);
  await sync(directory);
}

/** Ends like a partial file, so that it is found and removed as one. */
function pendingPath(partial: string): string {
  return join(dirname(partial), basename(partial).replace(/\.partial$/, '.manifest.partial'));
}

async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether the new name was free and is now the file's. File systems without hard links get a rename. */
async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') {
      throw error;
    }
    if (await exists(to)) return false;
    await rename(from, to);
    return true;
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
