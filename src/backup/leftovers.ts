/**
 * What an earlier attempt of the same run left: backends that still dump, and files that nobody will finish.
 */
import { randomBytes } from 'node:crypto';
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../domain/database.ts';
import { failure } from '../domain/errors.ts';
import { dumpApplicationName } from './sql.ts';

const GONE_WITHIN_MS = 10_000;
const POLL_MS = 200;

const OWN = `from pg_stat_activity
  where application_name = $1::text and datname = current_database() and pid <> pg_backend_pid()`;

/**
 * Ends this run's dumps on the server, and waits until they are gone: a dump inside a container outlives its client.
 *
 * @returns how many there were.
 * @throws BelayError `environment`, `backup-leftover`, when one does not end in 10 s.
 */
export async function endOwnDumps(
  database: Database,
  runId: string,
  signal: AbortSignal,
): Promise<number> {
  const name = dumpApplicationName(runId);
  const terminated = await database.query(
    `select pg_terminate_backend(pid) ${OWN}`,
    [name],
    signal,
  );
  const deadline = Date.now() + GONE_WITHIN_MS;
  for (let left = terminated.length; left > 0;) {
    if (Date.now() > deadline) {
      throw failure(
        'environment',
        'backup-leftover',
        `${left} backend(s) of an earlier dump (application_name ${name}) don't end`,
        'see pg_stat_activity; belay tries again',
      );
    }
    await sleep(POLL_MS, undefined, { signal });
    left = (await database.query(`select pid ${OWN}`, [name], signal)).length;
  }
  return terminated.length;
}

/**
 * A new name for an unfinished file of this run; no two attempts share one, so that an attempt which was believed dead
 * can't write into the file of the next.
 */
export function partialPath(directory: string, runId: string): string {
  return join(directory, `${partialPrefix(runId)}${randomBytes(4).toString('hex')}.partial`);
}

/** Removes the unfinished files of this run, and only of this run. */
export async function removePartials(directory: string, runId: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(partialPrefix(runId)) || !name.endsWith('.partial')) continue;
    await removeIfThere(join(directory, name));
  }
}

/** Unlinks; a file that is gone already is fine. */
export async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
}

/** How the names of a run's unfinished files begin. */
export function partialPrefix(runId: string): string {
  return `.db-backup-${runId.replaceAll(/[^A-Za-z0-9-]/g, '_')}-`;
}
