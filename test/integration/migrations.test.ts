import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase } from '../../src/backup/postgres.ts';
import type { MigrateSettings } from '../../src/domain/deployment.ts';
import { createMigrations } from '../../src/migrations/migrations.ts';
import { settleBackends } from '../../src/migrations/settle-backends.ts';
import { BackupSite } from '../stack/backup-site.ts';
import { pinnedPrograms, PostgresServer } from '../stack/postgres.ts';
import { until } from '../stack/until.ts';

let folder: string;
let server: PostgresServer;
let site: BackupSite;
const clients: Client[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-programs-'));
  site = await BackupSite.make();
  server = await PostgresServer.start(await pinnedPrograms(folder));
});
afterAll(async () => {
  await server.stop();
  await site.remove();
  await rm(folder, { recursive: true });
});
beforeEach(() =>
  server.sql('create table incidents (id int)', 'create table ledger (version int)'),
);
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end().catch(() => undefined);
  await server.sql('drop table if exists incidents, ledger, made');
});

const context = () => site.context();
const database = () => createDatabase(site.deps(server));
const noTrouble = () => Promise.resolve(undefined);
const startup: MigrateSettings = { how: 'startup', ledger: 'ledger', timeoutMs: 60_000 };

function migrations(settings = startup) {
  const { deployment, lookups } = site.deps(server);
  const oneOff = () => () => Promise.reject(new Error('no command is run here'));
  const reach = (url: string) => Promise.resolve({ url, close: () => Promise.resolve() });
  return createMigrations({ deployment, settings, database: database(), lookups, oneOff, reach });
}

async function client(): Promise<Client> {
  const opened = await server.connect();
  clients.push(opened);
  return opened;
}

describe('migrations on startup', () => {
  it('are waited for in the ledger, across a restart of the server', async () => {
    await server.sql('insert into ledger values (2001)');
    expect(await migrations().applied(context())).toEqual([2001]);
    const waiting = migrations().run([2001, 2002], noTrouble, context());
    await server.halt('SIGQUIT');
    await server.resume();
    await server.sql('insert into ledger values (2002)');
    expect(await waiting).toBe('ledger holds 2001, 2002');
  });

  it('have nothing in a ledger that is not there yet', async () => {
    await server.sql('drop table ledger');
    expect(await migrations().applied(context())).toEqual([]);
  });

  it('are the release’s fault when the container gives up, and name what is missing', async () => {
    const trouble = () => Promise.resolve('acme-1 exited (1)');
    const attempt = migrations().run([2001, 2002], trouble, context());
    await expect(attempt).rejects.toMatchObject({
      fault: 'release',
      code: 'migrate-container-gone',
    });
    await expect(attempt).rejects.toThrow('acme-1 exited (1); ledger still lacks 2001, 2002');
  });

  it('are the release’s fault when they take too long', async () => {
    const attempt = migrations({ ...startup, timeoutMs: 400 }).run([2001], noTrouble, context());
    await expect(attempt).rejects.toMatchObject({ fault: 'release', code: 'migrate-timeout' });
  });

  it('refuse a ledger that is no ledger', async () => {
    const attempt = migrations({ ...startup, ledger: 'incidents' }).applied(context());
    await expect(attempt).rejects.toMatchObject({ fault: 'request', code: 'ledger-unreadable' });
  });
});

describe('what a migration left at work', () => {
  const since = () => new Date(Date.now() - 60_000).toISOString();
  const settle = (graceMs: number, notOlderThan = since()) =>
    settleBackends(database(), { notOlderThan, graceMs }, context());

  /** A statement that goes on, as after its client was killed. */
  async function longStatement(): Promise<{
    readonly pid: number;
    readonly result: Promise<string>;
  }> {
    const migrating = await client();
    await migrating.query(`set application_name = 'tenant-plane'`);
    const { rows } = await migrating.query<{ pid: number }>('select pg_backend_pid() as pid');
    const statement = migrating.query('create table made as select pg_sleep(60)::text as slept');
    const result = statement.then(
      () => 'done',
      (error: unknown) => String(error),
    );
    const active = `select 1 from pg_stat_activity where state = 'active' and query like 'create table made%'`;
    await until(async () => (await server.sql(active)).length > 0, 'the statement is at work');
    return { pid: rows[0]!.pid, result };
  }

  it('is ended after its grace, and told', async () => {
    const { pid, result } = await longStatement();
    const { ended, left } = await settle(500);
    expect(ended).toMatchObject([{ pid, applicationName: 'tenant-plane', state: 'active' }]);
    expect(left).toEqual([]);
    expect(await result).toMatch(/terminat/);
    expect(await server.sql(`select to_regclass('made') as made`)).toEqual([{ made: null }]);
  });

  it('may end by itself', async () => {
    const migrating = await client();
    const statement = migrating.query('create table made as select pg_sleep(1)::text as slept');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await settle(10_000)).toEqual({ ended: [], left: [] });
    await statement;
    expect(await server.sql(`select count(*)::int as n from made`)).toEqual([{ n: 1 }]);
  });

  it('is also a transaction that was left open', async () => {
    const idle = await client();
    await idle.query('begin');
    await idle.query('lock table incidents');
    expect((await settle(300)).ended).toMatchObject([{ state: 'idle in transaction' }]);
    await server.sql('select * from incidents');
  });

  it('is no session that connected before or after, nor one that only works on', async () => {
    const notYoungerThan = new Date().toISOString();
    const { result } = await longStatement();
    expect(await settle(300, new Date(Date.now() + 5_000).toISOString())).toEqual({
      ended: [],
      left: [],
    });
    const before = { notOlderThan: since(), notYoungerThan, graceMs: 300 };
    expect(await settleBackends(database(), before, context())).toEqual({ ended: [], left: [] });
    await settle(0);
    await result;
    const busy = await client();
    const stopAt = Date.now() + 1_500;
    const work = (async () => {
      while (Date.now() < stopAt) await busy.query('select pg_sleep(0.05)');
      return 'never ended';
    })();
    expect(await settle(1_000)).toEqual({ ended: [], left: [] });
    expect(await work).toBe('never ended');
  });

  it('is told as a sentence', async () => {
    const { pid, result } = await longStatement();
    const told = await migrations().quiesce(since(), context());
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      new RegExp(
        `^ended database session ${pid} tenant-plane from 127\\.0\\.0\\.1 \\(active for 1\\d s\\)$`,
      ),
    );
    await result;
  });

  it('of another user is told when it can’t be ended', async () => {
    await server.sql(
      `create role watcher login password 'watcher-secret' in role pg_read_all_stats`,
    );
    const { pid, result } = await longStatement();
    const url = server.url.replace(/atlas:[^@]*@/, 'watcher:watcher-secret@');
    const watching = createDatabase(site.deps(server, { url }));
    const request = { notOlderThan: since(), graceMs: 300 };
    const { ended, left } = await settleBackends(watching, request, context());
    expect(ended).toEqual([]);
    expect(left).toMatchObject([{ pid }]);
    await settle(0);
    await result;
  });
});
