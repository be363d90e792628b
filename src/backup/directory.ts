import { randomBytes } from 'node:crypto';
import { open, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Refusal } from '../domain/errors.ts';
import type { DirectoryFacts } from './backup.ts';

/** Looks at the directory for backups, by really writing to it: modes, mounts and quotas all say "no" in their own ways. */
export async function inspectDirectory(
  directory: string,
  deployment: string,
): Promise<DirectoryFacts> {
  const refusals = await refuse(directory, deployment);
  if (refusals.length > 0) return { directory, refusals };
  return { directory, freeBytes: await freeBytes(directory), refusals };
}

/** Bytes that an ordinary user may still fill. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

async function refuse(directory: string, deployment: string): Promise<Refusal[]> {
  const where = `deployment ${deployment}: the backup directory ${directory}`;
  const isDirectory = await stat(directory).then(
    (stats) => stats.isDirectory(),
    () => undefined,
  );
  if (isDirectory !== true) {
    const message = `${where} ${isDirectory === false ? 'is not a directory' : 'does not exist'}`;
    const remedy = `create it (mkdir -p ${directory}) or correct backup.postgres.directory`;
    return [{ code: 'backup-directory-missing', message, remedy }];
  }
  const why = await whyNotWritable(directory);
  if (why === undefined) return [];
  return [
    {
      code: 'backup-directory-not-writable',
      message: `${where} can't be written to: ${why}`,
      remedy: `let the worker's user write to ${directory}, or correct backup.postgres.directory`,
    },
  ];
}

async function whyNotWritable(directory: string): Promise<string | undefined> {
  const probe = join(directory, `.belay-probe-${randomBytes(6).toString('hex')}`);
  try {
    const file = await open(probe, 'wx', 0o600);
    await file.close();
    await unlink(probe);
    return undefined;
  } catch (error) {
    // A full disk refuses new names too; how much room there is is said as a number.
    if (isDiskFull(error)) return undefined;
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether an error of the file system says that there is no room, on the disk or in the quota. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'ENOSPC' || error.code === 'EDQUOT';
}
