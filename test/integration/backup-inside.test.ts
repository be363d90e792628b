import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createDatabase,
  createPostgresBackup,
  type PostgresDeps,
} from '../../src/backup/postgres.ts';
import { DatabaseQueryError } from '../../src/domain/database.ts';
import { readLedger } from '../../src/migrations/ledger.ts';
import { createComposeTarget } from '../../src/targets/compose/index.ts';
import type { Target } from '../../src/targets/target.ts';
import { docker } from '../contract/docker.ts';
import { BackupSite, COUNTS, requestOf, SEED } from '../stack/backup-site.ts';
import { until } from '../stack/until.ts';

const IMAGE = '127.0.0.1:5000/atlasai/postgres';
// A password that would blot out version 2018 in a redacted answer, if answers were plain.
const PASSWORD = '2018';
const project = `belay-inside-${randomBytes(4).toString('hex')}`;
let directory: string;
let target: Target;
let site: BackupSite;

async function compose(...args: readonly string[]): Promise<string> {
  const where = ['--project-directory', directory, '--project-name', project];
  return (await docker(['compose', ...where, ...args])).toString().trim();
}

/** Runs psql in the container, past belay. */
function psql(sql: string, database = 'tenant'): Promise<string> {
  return compose('exec', '-T', 'db', 'psql', '-XAt', '-U', 'atlas', '-d', database, '-c', sql);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'belay-inside-'));
  const file = `services:
  db:
    image: ${IMAGE}:18
    environment: {POSTGRES_USER: atlas, POSTGRES_PASSWORD: '${PASSWORD}', POSTGRES_DB: tenant}
  other:
    image: ${IMAGE}:18
    entrypoint: [busybox, sleep, '3600']
    stop_signal: SIGKILL
`;
  await writeFile(join(directory, 'compose.yml'), file);
  await compose('up', '--detach');
  const settings = {
    kind: 'compose',
    directory,
    files: ['compose.yml'],
    envFiles: [],
    profiles: [],
    project,
  } as const;
  target = createComposeTarget(settings, { db: { image: IMAGE, tag: '18' } });
  const answers = () =>
    psql('select 1').then(
      () => true,
      () => false,
    );
  await until(answers, 'the database answers');
  for (const sql of SEED) await psql(sql);
  await psql('create table schema_migrations (version integer primary key)');
  await psql('insert into schema_migrations values (2017), (2018)');
});
afterAll(async () => {
  await compose('down', '--volumes', '--timeout', '1');
  await rm(directory, { recursive: true });
});
beforeEach(async () => {
  site = await BackupSite.make();
});
afterEach(() => site.remove());

function deps(
  overrides: { readonly url?: string; readonly component?: string } = {},
): PostgresDeps {
  const { url = `postgres://atlas:${PASSWORD}@db:5432/tenant`, component = 'db' } = overrides;
  return {
    deployment: 'acme',
    settings: {
      url: { env: 'DATABASE_URL' },
      component,
      directory: site.directory,
      keep: 5,
      timeoutMs: 60_000,
    },
    // As on the design page: the variable stands in the project, not in the worker's environment.
    lookups: { deployment: 'acme', environment: {}, variable: () => Promise.resolve(url) },
    inside: (name) => (argv, options, context) =>
      target.run(name, argv, 'inside', options, context),
  };
}

const signal = () => new AbortController().signal;
const backup = (overrides = {}) => createPostgresBackup(deps(overrides));

async function dumpsInside(): Promise<number> {
  return Number(
    await psql(`select count(*) from pg_stat_activity where application_name like 'belay-run%'`),
  );
}

describe('a backup by the tools of the database’s own container', () => {
  it('restores', async () => {
    expect(await backup().probe(signal())).toMatchObject({ major: 18 });
    const { file, serverVersion } = await backup().take(requestOf('run-1'), site.context());
    expect(serverVersion).toMatch(/^18\.\d+$/);
    expect(await site.names()).toEqual([basename(file), `${basename(file)}.json`]);
    expect(await site.manifest(`${basename(file)}.json`)).toMatchObject({
      tool: `pg_dump ${serverVersion} in component db`,
    });
    await psql('create database restored', 'postgres');
    const container = await compose('ps', '--quiet', 'db');
    await docker(['cp', file, `${container}:/tmp/restore.dump`]);
    await compose('exec', '-T', '-u', '0', 'db', 'busybox', 'chmod', '644', '/tmp/restore.dump');
    const argv = [
      'pg_restore',
      '--exit-on-error',
      '-U',
      'atlas',
      '-d',
      'restored',
      '/tmp/restore.dump',
    ];
    await compose('exec', '-T', 'db', ...argv);
    expect(await psql(COUNTS, 'restored')).toBe(await psql(COUNTS));
    expect(await backup().take(requestOf('run-1'), site.context())).toMatchObject({ file });
  });

  it('by cancellation leaves nothing at work inside', async () => {
    const locker = compose(
      'exec',
      '-T',
      'db',
      'psql',
      '-XU',
      'atlas',
      '-d',
      'tenant',
      '-c',
      'begin',
      '-c',
      'lock table incidents',
      '-c',
      'select pg_sleep(300)',
    ).catch(() => 'ended');
    const abort = new AbortController();
    const locks = `select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'incidents'::regclass`;
    await until(async () => Number(await psql(locks)) > 0, 'the table is locked');
    const taking = backup().take(requestOf('run-2'), site.context(abort.signal));
    const rejected = expect(taking).rejects.toThrow('stop it');
    await until(async () => (await dumpsInside()) > 0, 'a dump waits for the lock');
    abort.abort(new Error('stop it'));
    await rejected;
    expect(await dumpsInside()).toBe(0);
    expect(await site.names()).toEqual([]);
    await psql(
      `select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(300)'`,
    );
    expect(await locker).toBe('ended');
  });
});

describe('bad input', () => {
  it.each([
    ['wrong password', { url: 'postgres://atlas:wrong-one@db/tenant' }, 'database-auth'],
    ['unknown database', { url: `postgres://atlas:${PASSWORD}@db/other` }, 'database-missing'],
    ['wrong port', { url: `postgres://atlas:${PASSWORD}@db:5999/tenant` }, 'database-unreachable'],
    ['a component that does not run the database', { component: 'other' }, 'database-unreachable'],
  ])('%s is refused by the probe', async (_, overrides, code) => {
    const attempt = backup(overrides).probe(signal());
    await expect(attempt).rejects.toMatchObject({ fault: 'request', code });
    await expect(attempt).rejects.not.toThrow(/wrong-one/);
  });
});

describe('a statement by psql', () => {
  it('reads the ledger though its versions look like the password', async () => {
    expect(await readLedger(createDatabase(deps()), 'public.schema_migrations', signal())).toEqual([
      2017, 2018,
    ]);
  });

  it('has values of every kind', async () => {
    const values = ["it's", 'back\\slash', ['a', 'b'], 7] as const;
    const sql = 'select $1::text as a, $2::text as b, $3::text[] as c, $4::int as d';
    expect(await createDatabase(deps()).query(sql, values, signal())).toEqual([
      { a: "it's", b: 'back\\slash', c: ['a', 'b'], d: 7 },
    ]);
  });

  it('fails with its SQLSTATE', async () => {
    const attempt = createDatabase(deps()).query('select * from nowhere', [], signal());
    await expect(attempt).rejects.toBeInstanceOf(DatabaseQueryError);
    await expect(attempt).rejects.toMatchObject({ sqlState: '42P01' });
  });
});

it('a container that is stopped makes the database unreachable, not the release bad', async () => {
  await compose('stop', '--timeout', '5', 'db');
  await expect(backup().probe(signal())).rejects.toMatchObject({
    fault: 'request',
    code: 'database-unreachable',
  });
  await expect(backup().take(requestOf('run-9'), site.context())).rejects.toMatchObject({
    fault: 'environment',
    code: 'database-unreachable',
  });
  await compose('start', 'db');
});
