import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { log, reasonOf } from './log.ts';

/** One file `NNNN_name.sql`. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly file: string;
}

/** Versions, in order, by what this run did with them. */
export interface MigrationResult {
  readonly applied: readonly number[];
  readonly skipped: readonly number[];
}

/** Any fixed number: whoever holds it is the one who migrates this database. */
const lockKey = 2_001_018;
const lockEveryMs = 100;

const ledger = `create table if not exists schema_migrations (
  version integer primary key,
  name text not null,
  applied_at timestamptz not null default now()
)`;

/**
 * The migrations among some file names, by version.
 *
 * @throws Error when a name has another form or two files claim one version.
 */
export function listMigrations(files: readonly string[]): Migration[] {
  const migrations = files.map((file) => {
    const match = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file);
    if (match?.[1] === undefined || match[2] === undefined) {
      throw new Error(`migration ${file}: expected a name like 2001_add_something.sql`);
    }
    return { version: Number(match[1]), name: match[2], file };
  });
  migrations.sort((a, b) => a.version - b.version);
  for (const [index, { version, file }] of migrations.entries()) {
    const before = migrations[index - 1];
    if (before?.version === version) {
      throw new Error(`migrations ${before.file} and ${file} have the same version`);
    }
  }
  return migrations;
}

/**
 * Applies what the ledger `schema_migrations` does not have yet, each migration in a transaction
 * with its ledger row, one process at a time.
 *
 * @throws Error naming the migration that failed; those before it stay applied.
 */
export async function migrate(pool: pg.Pool, folder: URL): Promise<MigrationResult> {
  const migrations = listMigrations(await readdir(folder));
  const client = await pool.connect();
  try {
    await lock(client);
    const result = await applyPending(client, migrations, folder);
    log('info', 'migrated', { applied: result.applied, skipped: result.skipped.length });
    return result;
  } finally {
    // Dropping the connection frees the lock even where an unlock could not be sent.
    client.release(true);
  }
}

/** Polls, because a waiter inside Postgres would block `create index concurrently`. */
async function lock(client: pg.PoolClient): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock($1) as locked',
      [lockKey],
    );
    if (rows[0]?.locked === true) return;
    await delay(lockEveryMs);
  }
}

async function applyPending(
  client: pg.PoolClient,
  migrations: readonly Migration[],
  folder: URL,
): Promise<MigrationResult> {
  await client.query(ledger);
  const { rows } = await client.query<{ version: number }>('select version from schema_migrations');
  const done = new Set(rows.map((row) => row.version));
  const pending = migrations.filter(({ version }) => !done.has(version));
  for (const migration of pending) {
    await apply(client, migration, await readFile(new URL(migration.file, folder), 'utf8'));
  }
  return {
    applied: pending.map(({ version }) => version),
    skipped: migrations.map(({ version }) => version).filter((version) => done.has(version)),
  };
}

async function apply(client: pg.PoolClient, migration: Migration, sql: string): Promise<void> {
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query('insert into schema_migrations (version, name) values ($1, $2)', [
      migration.version,
      migration.name,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`migration ${migration.version} ${migration.name}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
