/**
 * One attempt to take a backup: dump, proof, final name. Whoever calls has cleared away what earlier attempts left.
 */
import { failure } from '../domain/errors.ts';
import type { BackupResult } from '../domain/operation.ts';
import type { BackupContext, BackupRequest, DatabaseFacts } from './backup.ts';
import { libpqEnvironment, type Connection } from './connection.ts';
import { dumpArgs, dumpFailure, probeCompression } from './dump.ts';
import { partialPath } from './leftovers.ts';
import type { Manifest } from './manifest.ts';
import { hashFile, readFully } from './proof.ts';
import { publish, sync } from './publish.ts';
import { dumpApplicationName } from './sql.ts';
import type { Tools } from './tools.ts';

/** What an attempt works with. */
export interface Attempt {
  readonly deployment: string;
  readonly directory: string;
  readonly request: BackupRequest;
  readonly facts: DatabaseFacts;
  readonly connection: Connection;
  readonly tools: Tools;
  /** Expected size of the backup in bytes, for progress. */
  readonly estimateBytes: number;
  readonly timeoutMs: number;
}

/** Dumps, proves and publishes. Its partial file is left to the caller's clearing when it throws. */
export async function attemptBackup(
  attempt: Attempt,
  context: BackupContext,
): Promise<BackupResult> {
  const { directory, request, tools, timeoutMs } = attempt;
  const started = new Date();
  const partial = partialPath(directory, request.runId);
  await dump(attempt, partial, context);
  context.signal.throwIfAborted();
  await sync(partial);
  context.progress({ step: 'backup', detail: 'reading it back' });
  const file = await prove(partial, tools, timeoutMs, context);
  if (file.bytes === 0) throw empty(tools);
  const tookMs = Date.now() - started.getTime();
  const path = await publish(partial, fileNames(attempt), (name) =>
    manifestOf(attempt, name, file, started, tookMs),
  );
  return resultOf(path, manifestOf(attempt, path, file, started, tookMs));
}

/** Both read the file at once, and both are awaited even when one fails: no program may be left running. */
async function prove(partial: string, tools: Tools, timeoutMs: number, context: BackupContext) {
  const reading = readFully(partial, tools, timeoutMs, context);
  const hashing = hashFile(partial, context.signal);
  await Promise.allSettled([reading, hashing]);
  await reading;
  return hashing;
}

/** What is answered for a manifest: the same whether it was taken now or by an earlier attempt. */
export function resultOf(path: string, manifest: Manifest): BackupResult {
  const { bytes, sha256, proof, serverVersion, tookMs } = manifest;
  return { file: path, bytes, sha256, proof, serverVersion, tookMs };
}

async function dump(attempt: Attempt, partial: string, context: BackupContext): Promise<void> {
  const { connection, tools, request, estimateBytes, timeoutMs } = attempt;
  const env = libpqEnvironment(connection, dumpApplicationName(request.runId));
  const compression = await probeCompression(tools, env, context.signal);
  const report = (doneBytes: number) =>
    context.progress({
      step: 'backup',
      doneBytes,
      totalBytes: Math.max(estimateBytes, doneBytes),
      detail: 'dumping the database',
    });
  report(0);
  const output = await tools.run(
    'pg_dump',
    dumpArgs(compression),
    { env, stdoutFile: partial, timeoutMs, onBytes: report },
    context,
  );
  context.signal.throwIfAborted();
  if (output.exitCode !== 0) throw dumpFailure(output, connection);
}

/** The name that operators expect, then names for the case that another deployment has it. */
function fileNames({ deployment, request }: Attempt): string[] {
  const base = `db-backup-${request.version}-${request.stamp}`;
  const runId = request.runId.replaceAll(/[^A-Za-z0-9-]/g, '_');
  return [`${base}.dump`, `${base}-${deployment}.dump`, `${base}-${deployment}-${runId}.dump`];
}

function manifestOf(
  { deployment, request, facts, tools }: Attempt,
  file: string,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: number },
  started: Date,
  tookMs: number,
): Manifest {
  return {
    format: 1,
    file,
    sha256,
    bytes,
    version: request.version,
    serverVersion: facts.serverVersion,
    databaseBytes: facts.sizeBytes,
    tool: tools.description,
    proof: 'full-read',
    deployment,
    runId: request.runId,
    takenAt: started.toISOString(),
    tookMs,
  };
}

function empty(tools: Tools) {
  return failure(
    'environment',
    'backup-unproven',
    `${tools.description} ended well but wrote nothing`,
    'it is taken again; if it happens twice, look at the log of the database',
  );
}
