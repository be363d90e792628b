/** Finds a deployment in the folders of the worker and, in the embedded engine, in those that commands have named. */
import { realpath } from 'node:fs/promises';
import { loadDeployment } from '../config/load-deployment.ts';
import type { Deployment } from '../domain/deployment.ts';
import { BelayError, failure } from '../domain/errors.ts';
import { readFolders } from '../engine/folders.ts';

/**
 * Loads it from the one folder that has it. Two files of one name in different folders are refused: the engine can't
 * know which of them the person who named it meant.
 */
export async function findDeployment(
  ownFolders: readonly string[],
  name: string,
): Promise<Deployment> {
  const folders = [...new Set([...ownFolders, ...(await readFolders())])];
  const found: Deployment[] = [];
  for (const folder of folders) {
    try {
      found.push(await loadDeployment([folder], name));
    } catch (error) {
      if (!isUnknown(error)) throw error;
    }
  }
  const [first, ...others] = found;
  const second = await anotherFile(first, others);
  if (first && second) {
    throw failure(
      'request',
      'ambiguous-deployment',
      `Two files describe "${name}": ${first.file} and ${second.file}`,
      'Remove or rename one of them, so that everybody means the same deployment',
    );
  }
  // With nothing found, the loader says which names there are.
  return first ?? loadDeployment(folders, name);
}

/** One file may be reached through two folders; two files, even of the same bytes, are two deployments. */
async function anotherFile(
  first: Deployment | undefined,
  others: readonly Deployment[],
): Promise<Deployment | undefined> {
  if (!first) return undefined;
  const real = await realpath(first.file);
  for (const other of others) if ((await realpath(other.file)) !== real) return other;
  return undefined;
}

function isUnknown(error: unknown): boolean {
  return error instanceof BelayError && error.code === 'unknown-deployment';
}
