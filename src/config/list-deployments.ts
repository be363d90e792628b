/**
 * Lists deployment files by name, without reading them.
 */
import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { failure } from '../domain/errors.ts';
import { whyNotName } from '../domain/names.ts';

/** A deployment file that was found. */
export interface FoundDeployment {
  readonly name: string;
  /** Absolute path, when the folders are absolute. */
  readonly file: string;
}

/**
 * The deployments of these folders by name; where two folders have one of the same name, the first folder's. Folders
 * that don't exist, and files that can't be a deployment's by their name, are passed over.
 *
 * @throws BelayError `request` when a folder may not be read.
 */
export async function listDeployments(folders: readonly string[]): Promise<FoundDeployment[]> {
  const found = new Map<string, FoundDeployment>();
  for (const folder of folders) {
    for (const entry of await entriesOf(folder)) {
      const { name, ext } = parse(entry);
      const isYaml = ext === '.yaml' || ext === '.yml';
      if (!isYaml || whyNotName(name) !== undefined || found.has(name)) continue;
      found.set(name, { name, file: join(folder, entry) });
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    const message = `The folder of deployment files ${folder} can't be read (${code})`;
    throw failure('request', 'folder-unreadable', message, 'Check who may read it', error);
  }
}
