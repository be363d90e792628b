/**
 * Folders of deployment files that commands have named to the embedded engine. A command may be run in any
 * directory and with any BELAY_DEPLOYMENTS; the engine that was started by another must find its files too.
 */
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from './small-file.ts';
import { makeStateFolder, stateFolder } from './state-folder.ts';
import type { StateFolder } from './state-folder.ts';

const foldersSchema = z.array(z.string().refine((path) => isAbsolute(path)));

/** Two commands at once may overwrite each other's addition: look again, and add again. */
const ATTEMPTS = 5;

/** The folders, the most recently named first; read at every load, so that an addition counts at once. */
export async function readFolders(state: StateFolder = stateFolder()): Promise<readonly string[]> {
  return (await readJson(state.foldersFile, foldersSchema)) ?? [];
}

/**
 * Puts absolute folders first, in their order, and drops known ones that no longer exist. Writes nothing when they are
 * first already.
 */
export async function addFolders(
  folders: readonly string[],
  state: StateFolder = stateFolder(),
): Promise<void> {
  const wanted = await existing(folders);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const known = await readFolders(state);
    if (wanted.every((folder, index) => known[index] === folder)) return;
    await makeStateFolder(state);
    await writeJson(state.foldersFile, [...new Set([...wanted, ...(await existing(known))])]);
  }
}

async function existing(folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const stats = await stat(folder).catch(() => undefined);
      return stats?.isDirectory() ? [folder] : [];
    }),
  );
  return found.flat();
}
