/** A deployment's backup settings around a test server: real directory, real tools. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackupContext } from '../../src/backup/backup.ts';
import { createPostgresBackup, type PostgresDeps } from '../../src/backup/postgres.ts';
import type { PostgresBackup } from '../../src/domain/deployment.ts';
import type { Progress } from '../../src/domain/target.ts';
import type { PostgresServer } from './postgres.ts';

/** Tables with what a dump has to carry: odd names, schemas, large objects, rows enough for several blocks. */
export const SEED = [
  `create schema "Odd schema"`,
  `create table incidents (id bigint generated always as identity primary key, title text not null)`,
  `insert into incidents (title) select md5(i::text) from generate_series(1, 20000) i`,
  `create table "Odd schema"."käse & ""brot""" (n numeric, twice numeric generated always as (n * 2) stored)`,
  `insert into "Odd schema"."käse & ""brot""" values (1.5), (2.5)`,
  `create table parts (k int, v text) partition by range (k)`,
  `create table parts_low partition of parts for values from (0) to (100)`,
  `insert into parts select i, 'v' from generate_series(0, 99) i`,
  `select lo_from_bytea(0, decode(repeat('ab', 100000), 'hex'))`,
];

/** What SEED holds, in one line, to compare databases by. */
export const COUNTS = `select (select count(*) from incidents)::int as incidents,
  (select sum(twice) from "Odd schema"."käse & ""brot""")::text as twice, (select count(*) from parts)::int as parts,
  (select count(*) from pg_largeobject_metadata)::int as large`;

/** A place for backups, and the backup that a test asks for. */
export class BackupSite {
  readonly directory: string;
  readonly progress: Progress[] = [];

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Makes an empty directory. */
  static async make(): Promise<BackupSite> {
    return new BackupSite(await mkdtemp(join(tmpdir(), 'belay-backups-')));
  }

  /** The backup of `acme`, whose database is the server's, by the server's own programs. */
  backup(server: PostgresServer, overrides: Overrides = {}) {
    return createPostgresBackup(this.deps(server, overrides));
  }

  /** The same, to be changed further. */
  deps(server: PostgresServer, overrides: Overrides = {}): PostgresDeps {
    const {
      deployment = 'acme',
      url = server.url,
      bin = server.programs.bin,
      ...settings
    } = overrides;
    return {
      deployment,
      settings: {
        url: { env: 'DATABASE_URL' },
        directory: this.directory,
        keep: 5,
        timeoutMs: 120_000,
        ...settings,
      },
      lookups: {
        deployment,
        environment: { DATABASE_URL: url, BELAY_PG_BIN: bin },
        variable: () => Promise.resolve(undefined),
      },
      inside: () => () => Promise.reject(new Error('nothing runs in a container here')),
    };
  }

  /** A context that keeps the progress. */
  context(signal: AbortSignal = new AbortController().signal): BackupContext {
    return { signal, progress: (progress) => this.progress.push(progress) };
  }

  /** Names in the directory, sorted. */
  async names(): Promise<string[]> {
    return (await readdir(this.directory)).sort();
  }

  /** A manifest's fields. */
  async manifest(name: string): Promise<Record<string, unknown>> {
    const text = await readFile(join(this.directory, name), 'utf8');
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** Removes the directory. */
  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** What a test changes. */
export interface Overrides extends Partial<Omit<PostgresBackup, 'url'>> {
  readonly deployment?: string;
  /** Connection URL instead of the server's. */
  readonly url?: string;
  /** Folder of the tools instead of the server's own. */
  readonly bin?: string;
}

/** A request of a run. */
export function requestOf(runId: string, stamp = '20260326T100000') {
  return { version: '1.2.2', stamp, runId };
}
