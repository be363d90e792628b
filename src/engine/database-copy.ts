/**
 * A new Temporal may change its database for good when it first opens it: the engine keeps a copy of what the old
 * one left, so that there is a way back.
 */
import { constants } from 'node:fs';
import { chmod, copyFile, rename, stat } from 'node:fs/promises';
import { z } from 'zod';
import { readJson, writeJson } from './small-file.ts';
import type { StateFolder } from './state-folder.ts';

const versionSchema = z.strictObject({ temporal: z.string() });

/**
 * Copies the database (no server may have it open) when the last server on it had another version, and notes
 * `version`. Returns the copy's path, or undefined when none was needed.
 */
export async function copyBeforeVersionChange(
  state: StateFolder,
  version: string,
): Promise<string | undefined> {
  const last = await readJson(state.versionFile, versionSchema);
  if (last?.temporal === version) return undefined;
  const copy =
    last && (await exists(state.databaseFile))
      ? await copyDatabase(state, last.temporal)
      : undefined;
  await writeJson(state.versionFile, { temporal: version });
  return copy;
}

async function copyDatabase(state: StateFolder, lastVersion: string): Promise<string> {
  const copy = `${state.databaseFile}.${lastVersion.replaceAll(/[^\w.]+/g, '-')}`;
  // The write-ahead files belong to the database: without them the copy could lack the last transactions.
  for (const suffix of ['', '-wal', '-shm']) {
    if (!(await exists(state.databaseFile + suffix))) continue;
    const temporary = `${copy}${suffix}.tmp`;
    await copyFile(state.databaseFile + suffix, temporary, constants.COPYFILE_FICLONE);
    await chmod(temporary, 0o600);
    await rename(temporary, copy + suffix);
  }
  return copy;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
