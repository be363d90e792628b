/**
 * Takes a backup so that once is enough: an earlier attempt's result is found, its leftovers are cleared.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresBackup } from '../domain/deployment.ts';
import type { Database } from '../domain/database.ts';
import { BelayError, failure } from '../domain/errors.ts';
import type { BackupResult } from '../domain/operation.ts';
import { attemptBackup, resultOf, type Attempt } from './attempt.ts';
import type { BackupContext, BackupRequest } from './backup.ts';
import { inspectDirectory, isDiskFull } from './directory.ts';
import { diskFull } from './dump.ts';
import { endOwnDumps, partialPrefix, removePartials } from './leftovers.ts';
import { listBackups, type StoredBackup } from './manifest.ts';
import { hashFile } from './proof.ts';
import { prune } from './prune.ts';
import { finishInterrupted } from './publish.ts';

/** What {@link takeBackup} works with. */
export interface Taking {
  readonly deployment: string;
  readonly settings: Pick<PostgresBackup, 'directory' | 'keep' | 'timeoutMs'>;
  readonly database: Database;
  /** Finds out what the attempt needs of the server: facts, connection, tools. */
  readonly prepare: (
    signal: AbortSignal,
  ) => Promise<Pick<Attempt, 'facts' | 'connection' | 'tools'>>;
}

const CLEAR_WITHIN_MS = 5_000;

/** Half of a database is indexes and air, as a rule; used until a backup of this deployment tells better. */
const FIRST_GUESS = 0.5;

/** See `Backup.take`. */
export async function takeBackup(
  taking: Taking,
  request: BackupRequest,
  context: BackupContext,
): Promise<BackupResult> {
  refuseNames(taking, request);
  const { directory, timeoutMs } = taking.settings;
  const { refusals } = await inspectDirectory(directory, taking.deployment);
  if (refusals.length > 0) throw new BelayError('request', refusals);
  const own = await findOwn(taking, request, context.signal);
  if (own) return own;
  const limit = AbortSignal.timeout(timeoutMs);
  const limited = { ...context, signal: AbortSignal.any([context.signal, limit]) };
  try {
    return await takeNew(taking, request, limited);
  } catch (error) {
    await clearAfterFailure(taking, request);
    context.signal.throwIfAborted();
    if (limit.aborted) throw tookTooLong(taking, error);
    throw translate(error, directory);
  }
}

/** The finished backup of this very run, proven again by its checksum. */
async function findOwn(
  { deployment, settings: { directory } }: Taking,
  { runId }: BackupRequest,
  signal: AbortSignal,
): Promise<BackupResult | undefined> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(partialPrefix(runId)) || !name.endsWith('.manifest.partial')) continue;
    await finishInterrupted(join(directory, name.replace('.manifest.partial', '.partial')), signal);
  }
  for (const { path, manifest } of await listBackups(directory, deployment)) {
    if (manifest.runId !== runId) continue;
    const { sha256 } = await hashFile(path, signal);
    if (sha256 === manifest.sha256) return resultOf(path, manifest);
  }
  return undefined;
}

async function takeNew(
  taking: Taking,
  request: BackupRequest,
  context: BackupContext,
): Promise<BackupResult> {
  const { deployment, settings, database } = taking;
  const { directory, keep, timeoutMs } = settings;
  const clearing = endOwnDumps(database, request.runId, context.signal);
  const preparing = taking.prepare(context.signal);
  await Promise.allSettled([clearing, preparing]);
  await clearing;
  await removePartials(directory, request.runId);
  const prepared = await preparing;
  const earlier = await listBackups(directory, deployment);
  const estimateBytes = estimate(prepared.facts.sizeBytes, earlier);
  const result = await attemptBackup(
    { deployment, directory, request, ...prepared, estimateBytes, timeoutMs },
    context,
  );
  await prune(directory, deployment, keep, result.file).catch((error: unknown) => {
    // The new backup is proven: old ones that can't be removed are no reason to fail.
    const why = error instanceof Error ? error.message : String(error);
    context.progress({ step: 'backup', detail: `old backups could not be removed: ${why}` });
  });
  return result;
}

/** Bytes of the backup to come: the last one's share of its database, when there is a last one. */
function estimate(databaseBytes: number, earlier: readonly StoredBackup[]): number {
  const last = earlier[0]?.manifest;
  const share = last && last.databaseBytes > 0 ? last.bytes / last.databaseBytes : FIRST_GUESS;
  return Math.round(databaseBytes * share);
}

/** Frees the disk and the server; what fails here is done by the next attempt, which begins with the same. */
async function clearAfterFailure(
  { settings: { directory }, database }: Taking,
  { runId }: BackupRequest,
): Promise<void> {
  await removePartials(directory, runId).catch(() => undefined);
  const signal = AbortSignal.timeout(CLEAR_WITHIN_MS);
  await endOwnDumps(database, runId, signal).catch(() => undefined);
}

function translate(error: unknown, directory: string): unknown {
  if (!isDiskFull(error)) return error;
  const said = error instanceof Error ? error.message : '';
  return diskFull(`the disk of ${directory} is full: ${said}`, error);
}

function tookTooLong({ deployment, settings }: Taking, cause: unknown): BelayError {
  return failure(
    'request',
    'backup-timeout',
    `deployment ${deployment}: the backup took longer than ${settings.timeoutMs / 1000} s and was ended`,
    'raise backup.postgres.timeout',
    cause,
  );
}

/** Both become part of a file's name. */
function refuseNames({ deployment }: Taking, { version, stamp }: BackupRequest): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/.test(version) && /^\d{8}T\d{6}$/.test(stamp)) return;
  throw failure(
    'request',
    'backup-name',
    `deployment ${deployment}: version ${JSON.stringify(version)} with stamp ${JSON.stringify(stamp)} can't be part of a file's name`,
    'use versions of letters, digits and . _ + - only',
  );
}
