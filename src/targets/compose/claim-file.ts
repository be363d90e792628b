/**
 * The claim's file: written whole or not at all, and read with suspicion.
 */
import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '../../domain/errors.ts';
import type { Claim } from '../../domain/target.ts';
import { parseClaim } from '../../process/recorded-claim.ts';
import { syncFolder, writeFailure } from './write-file.ts';

/** Where a claim lies. */
export function claimPath(folder: string): string {
  return join(folder, 'operation.json');
}

/**
 * Reads the claim; undefined when there is none.
 *
 * @throws BelayError fault `claim`, code `claim-damaged`, when nobody can say whose it is.
 */
export async function readClaimFile(folder: string): Promise<Claim | undefined> {
  const path = claimPath(folder);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw damaged(path, error instanceof Error ? error.message : String(error), error);
  }
  const parsed = parseClaim(text);
  if ('claim' in parsed) return parsed.claim;
  throw damaged(path, parsed.why);
}

/** Creates the claim; `false` when one lies there. It is never seen half-written. */
export async function createClaimFile(folder: string, claim: Claim): Promise<boolean> {
  try {
    await prepareFolder(folder);
    const temp = await writeTemp(folder, claim);
    try {
      await link(temp, claimPath(folder));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(temp, { force: true });
    }
    await syncFolder(folder);
    return true;
  } catch (error) {
    throw writeFailure(claimPath(folder), error);
  }
}

/** Replaces the claim atomically. Only under the lock. */
export async function replaceClaimFile(folder: string, claim: Claim): Promise<void> {
  try {
    const temp = await writeTemp(folder, claim);
    await rename(temp, claimPath(folder));
    await syncFolder(folder);
  } catch (error) {
    throw writeFailure(claimPath(folder), error);
  }
}

/** Removes the claim durably. Only under the lock. */
export async function removeClaimFile(folder: string): Promise<void> {
  await rm(claimPath(folder), { force: true });
  await syncFolder(folder);
}

/** Makes belay's folder beside the project: for its owner alone, and no business of the project's repository. */
export async function prepareFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  await chmod(folder, 0o700);
  await writeFile(join(folder, '.gitignore'), '*\n', { mode: 0o600 });
}

async function writeTemp(folder: string, claim: Claim): Promise<string> {
  const temp = join(folder, `operation.${randomUUID()}.new`);
  const file = await open(temp, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(claim, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return temp;
}

function damaged(path: string, why: string, cause?: unknown) {
  return failure(
    'claim',
    'claim-damaged',
    `The claim ${path} can't be read: ${why}`,
    'An operation may be open on this deployment: see `belay status`. When none is, look at what runs and at the Compose file, then remove that file by hand',
    cause,
  );
}
