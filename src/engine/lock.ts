/**
 * The lock that one `belay up` per user holds for as long as it lives. It is a lock of the kernel's on an
 * SQLite file, so it ends with its holder, however that ends: there is no stale lock to recognise and no moment
 * in which two could both take over one.
 */
import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';

/** SQLite's result code of "another holds it". */
const SQLITE_BUSY = 5;

/** Long enough for someone's look at the lock to pass, which takes a millisecond. */
const TAKE_PATIENCE_MS = 1_000;

/** A held lock. */
export interface Lock {
  release(): void;
}

/** Takes the lock, or returns undefined when another process holds it. */
export async function takeLock(file: string): Promise<Lock | undefined> {
  const database = new DatabaseSync(file, { timeout: TAKE_PATIENCE_MS });
  try {
    await chmod(file, 0o600);
    database.exec('BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

/** Whether some process holds the lock now. */
export function isLocked(file: string): boolean {
  if (!existsSync(file)) return false;
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    database.close();
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
