/**
 * The claim beside the deployment: one operation at a time, whichever engine or worker runs it.
 */
import { failure, type BelayError } from '../../domain/errors.ts';
import type { Claim, RecordedChild } from '../../domain/target.ts';
import {
  claimPath,
  createClaimFile,
  readClaimFile,
  removeClaimFile,
  replaceClaimFile,
} from './claim-file.ts';
import { locked } from './lock.ts';

/** The claim of one deployment. All methods throw fault `claim` when it is another's. */
export interface Claims {
  claim(claim: Claim): Promise<void>;
  read(): Promise<Claim | undefined>;
  check(runId: string): Promise<Claim>;
  takeOver(from: Claim, runId: string): Promise<Claim>;
  release(runId: string): Promise<void>;
  noteBackup(runId: string, file: string): Promise<void>;
  /** Adds a running program, whichever run holds the claim; without a claim, nothing. */
  addChild(child: RecordedChild): Promise<void>;
  /** Removes one that has ended. */
  removeChild(child: RecordedChild): Promise<void>;
}

/** The claim that lies in `folder` (absolute). */
export function openClaims(folder: string): Claims {
  const alone = <T>(work: () => Promise<T>) => locked(folder, work);
  const mine = async (runId: string): Promise<Claim> => {
    const found = await readClaimFile(folder);
    if (!found) throw lost(folder, runId);
    if (found.runId !== runId) throw foreign(folder, found);
    return found;
  };
  const change = (runId: string | undefined, edit: (claim: Claim) => Claim) =>
    alone(async () => {
      const found = runId === undefined ? await readClaimFile(folder) : await mine(runId);
      if (found) await replaceClaimFile(folder, edit(found));
    });
  return {
    claim: (claim) => alone(() => claimAlone(folder, claim)),
    read: () => readClaimFile(folder),
    check: mine,
    takeOver: (from, runId) => alone(() => takeOverAlone(folder, from, runId)),
    release: (runId) => alone(() => releaseAlone(folder, runId)),
    noteBackup: (runId, backup) => change(runId, (claim) => ({ ...claim, backup })),
    addChild: (child) =>
      change(undefined, (claim) => ({ ...claim, children: [...claim.children, child] })),
    removeChild: (child) =>
      change(undefined, (claim) => ({
        ...claim,
        children: claim.children.filter((other) => !isSame(other, child)),
      })),
  };
}

async function claimAlone(folder: string, claim: Claim): Promise<void> {
  if (await createClaimFile(folder, claim)) return;
  const found = await readClaimFile(folder);
  if (found && found.runId !== claim.runId) throw foreign(folder, found);
}

async function takeOverAlone(folder: string, from: Claim, runId: string): Promise<Claim> {
  const found = await readClaimFile(folder);
  if (found?.runId === runId) return found;
  if (!found) throw lost(folder, from.runId);
  if (found.runId !== from.runId) throw foreign(folder, found);
  const taken = { ...found, runId };
  await replaceClaimFile(folder, taken);
  return taken;
}

async function releaseAlone(folder: string, runId: string): Promise<void> {
  const found = await readClaimFile(folder);
  if (!found) return;
  if (found.runId !== runId) throw foreign(folder, found);
  await removeClaimFile(folder);
}

function isSame(a: RecordedChild, b: RecordedChild): boolean {
  return a.pgid === b.pgid && a.startTicks === b.startTicks;
}

function foreign(folder: string, found: Claim): BelayError {
  const what = `${found.operation} ${found.fromVersion} → ${found.toVersion} of ${found.deployment}`;
  return failure(
    'claim',
    'claim-foreign',
    `Another operation holds ${claimPath(folder)}: ${what}, run ${found.runId} of ${found.engine}, since ${found.startedAt}`,
    `Wait for it or end it (\`belay status ${found.deployment}\`); when its run is closed, \`belay rollback ${found.deployment}\` takes back what it left`,
  );
}

function lost(folder: string, runId: string): BelayError {
  return failure(
    'claim',
    'claim-lost',
    `The claim of run ${runId} is not at ${claimPath(folder)} any more: someone removed it`,
    'Look at what runs and at the Compose file before anything else changes them',
  );
}
