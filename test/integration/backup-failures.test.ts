import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../scripts/stack/free-port.ts';
import { createPostgresBackup } from '../../src/backup/postgres.ts';
import { run } from '../../src/process/run.ts';
import { BackupSite, requestOf, SEED } from '../stack/backup-site.ts';
import { pinnedPrograms, PostgresServer } from '../stack/postgres.ts';
import { until } from '../stack/until.ts';

let folder: string;
let server: PostgresServer;
let site: BackupSite;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-programs-'));
  server = await PostgresServer.start(await pinnedPrograms(folder));
  await server.sql(...SEED);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  site = await BackupSite.make();
});
afterEach(() => site.remove());

/** Locks a table, so that a dump waits in its middle until the lock is let go. */
async function lockTable(): Promise<() => Promise<void>> {
  const client = await server.connect();
  await client.query('begin');
  await client.query('lock table incidents in access exclusive mode');
  return () => client.end();
}

async function dumpsOnServer(): Promise<number> {
  const rows = await server.sql(
    `select pid from pg_stat_activity where application_name like 'belay-run%'`,
  );
  return rows.length;
}

/** Command lines of running pg_dumps that were started here. */
async function dumpCommands(): Promise<string[]> {
  const commands: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (text.startsWith(join(server.programs.bin, 'pg_dump'))) commands.push(text);
  }
  return commands;
}

const waiting = () => until(async () => (await dumpsOnServer()) > 0, 'a dump waits for the lock');

describe('an attempt that was interrupted', () => {
  it('is ended and taken again after its worker was killed in the middle of the dump', async () => {
    const unlock = await lockTable();
    const script = fileURLToPath(new URL('../stack/backup-worker.ts', import.meta.url));
    const argv = [script, server.url, server.programs.bin, site.directory, 'run-1'];
    const worker = spawn(process.execPath, argv, { stdio: 'ignore' });
    await waiting();
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    expect(await dumpsOnServer()).toBe(1);
    const partials = await site.names();
    expect(partials).toHaveLength(1);

    const retry = site.backup(server).take(requestOf('run-1'), site.context());
    await until(async () => (await site.names()).every((name) => !partials.includes(name)), 'gone');
    await waiting();
    expect(await dumpsOnServer()).toBe(1);
    expect(await dumpCommands()).toHaveLength(1);
    await unlock();
    const { file } = await retry;
    expect(await site.names()).toEqual([basename(file), `${basename(file)}.json`]);
  });

  it('is finished when only its manifest was missing', async () => {
    const first = await site.backup(server).take(requestOf('run-1'), site.context());
    const partial = join(site.directory, '.db-backup-run-1-0a1b2c3d');
    await rename(`${first.file}.json`, `${partial}.manifest.partial`);
    await link(first.file, `${partial}.partial`);
    const { ino } = await stat(first.file);
    expect(await site.backup(server).take(requestOf('run-1'), site.context())).toEqual(first);
    expect((await stat(first.file)).ino).toBe(ino);
    expect(await site.names()).toEqual([basename(first.file), `${basename(first.file)}.json`]);
  });
});

describe('a dump that is ended', () => {
  it('by cancellation leaves no program, no backend and no file', async () => {
    const unlock = await lockTable();
    const abort = new AbortController();
    const taking = site.backup(server).take(requestOf('run-1'), site.context(abort.signal));
    const rejected = expect(taking).rejects.toThrow('stop it');
    await waiting();
    const [command] = await dumpCommands();
    expect(command).not.toContain(server.password);
    abort.abort(new Error('stop it'));
    await rejected;
    expect(await dumpCommands()).toEqual([]);
    expect(await dumpsOnServer()).toBe(0);
    expect(await site.names()).toEqual([]);
    await unlock();
  });

  it('by its time limit says which setting to raise', async () => {
    const unlock = await lockTable();
    const backup = site.backup(server, { timeoutMs: 1_500 });
    await expect(backup.take(requestOf('run-1'), site.context())).rejects.toMatchObject({
      fault: 'request',
      code: 'backup-timeout',
      remedy: 'raise backup.postgres.timeout',
    });
    expect(await site.names()).toEqual([]);
    await unlock();
  });

  it('by the end of the server is the environment’s fault, and the next attempt succeeds', async () => {
    await lockTable();
    const attempt = site.backup(server).take(requestOf('run-1'), site.context());
    const rejected = expect(attempt).rejects.toMatchObject({ fault: 'environment' });
    await waiting();
    await server.halt('SIGQUIT');
    await rejected;
    expect(await site.names()).toEqual([]);
    await server.resume();
    const { file } = await site.backup(server).take(requestOf('run-1'), site.context());
    expect(await site.names()).toContain(basename(file));
  });

  it('by what the user may not read is the request’s fault', async () => {
    await server.sql(
      `create role reader login password 'reader-secret'`,
      'grant connect on database tenant to reader',
    );
    const url = server.url.replace(/atlas:[^@]*@/, 'reader:reader-secret@');
    const attempt = site.backup(server, { url }).take(requestOf('run-1'), site.context());
    await expect(attempt).rejects.toMatchObject({ fault: 'request', code: 'backup-permission' });
    await expect(attempt).rejects.toThrow(/permission denied/);
    expect(await site.names()).toEqual([]);
  });
});

describe('a disk that fills up', () => {
  let disk: string;
  beforeEach(async () => {
    disk = join(site.directory, 'disk');
    await mkdir(disk);
    await mount('-t', 'tmpfs', '-o', 'size=2m,mode=0700', 'none', disk);
  });
  afterEach(async () => {
    await run(['umount', disk], { env: { PATH: '/bin:/sbin:/usr/bin' }, timeoutMs: 5_000 });
  });

  it('is the environment’s fault, and the last good backup is still there', async () => {
    const backup = site.backup(server, { directory: disk });
    const good = await backup.take(requestOf('run-1'), site.context());
    await server.sql(`insert into incidents (title) select md5(i::text || 'x') || md5(i::text || 'y')
      from generate_series(1, 60000) i`);
    const attempt = backup.take(requestOf('run-2', '20260327T100000'), site.context());
    await expect(attempt).rejects.toMatchObject({ fault: 'environment', code: 'backup-disk-full' });
    expect((await readdir(disk)).sort()).toEqual([
      basename(good.file),
      `${basename(good.file)}.json`,
    ]);
    expect(await backup.take(requestOf('run-1'), site.context())).toEqual(good);
    expect((await backup.checkDirectory()).freeBytes).toBeLessThan(2 * 1024 * 1024);
  });

  it('or is mounted read-only is refused as not writable', async () => {
    await mount('-o', 'remount,ro', disk);
    const facts = await site.backup(server, { directory: disk }).checkDirectory();
    expect(facts.refusals).toMatchObject([{ code: 'backup-directory-not-writable' }]);
    expect(facts.freeBytes).toBeUndefined();
  });
});

async function mount(...args: readonly string[]): Promise<void> {
  const env = { PATH: '/bin:/sbin:/usr/bin:/usr/sbin' };
  const { exitCode, stderr } = await run(['mount', ...args], { env, timeoutMs: 5_000 });
  if (exitCode !== 0) throw new Error(`this test needs root to mount a small disk: ${stderr}`);
}

describe('bad input', () => {
  it.each([
    ['wrong password', () => server.url.replace(server.password, 'wrong-one'), 'database-auth'],
    ['unknown user', () => server.url.replace('atlas', 'nobody'), 'database-auth'],
    ['unknown database', () => server.url.replace(/tenant$/, 'other'), 'database-missing'],
    [
      'nothing listens',
      async () => `postgres://a:bcdef@127.0.0.1:${await freePort()}/d`,
      'database-unreachable',
    ],
    ['unknown host', () => 'postgres://a:bcdef@nowhere.invalid/d', 'database-unreachable'],
    ['no URL', () => 'bcdef', 'database-url'],
  ])('%s is refused by the probe', async (_, url, code) => {
    const backup = site.backup(server, { url: await url() });
    const attempt = backup.probe(new AbortController().signal);
    await expect(attempt).rejects.toMatchObject({ fault: 'request', code });
    await expect(attempt).rejects.not.toThrow(/bcdef|wrong-one/);
  });

  it('a missing variable is named', async () => {
    const deps = site.deps(server);
    const settings = { ...deps.settings, url: { env: 'OTHER_URL' } };
    const attempt = createPostgresBackup({ ...deps, settings }).probe(new AbortController().signal);
    await expect(attempt).rejects.toMatchObject({ fault: 'request', code: 'secret-missing' });
    await expect(attempt).rejects.toThrow('OTHER_URL');
  });

  it('a directory that is missing, or is a file, is refused with the command that makes it', async () => {
    const missing = join(site.directory, 'missing');
    const file = join(site.directory, 'file');
    await writeFile(file, '');
    for (const directory of [missing, file]) {
      const backup = site.backup(server, { directory });
      const { refusals } = await backup.checkDirectory();
      expect(refusals).toMatchObject([{ code: 'backup-directory-missing' }]);
      expect(refusals[0]?.remedy).toContain(`mkdir -p ${directory}`);
      await expect(backup.take(requestOf('run-1'), site.context())).rejects.toMatchObject({
        fault: 'request',
        code: 'backup-directory-missing',
      });
    }
  });

  it.each(['../evil', 'a/b', '', '.hidden'])('version %j becomes no file name', async (version) => {
    const request = { ...requestOf('run-1'), version };
    await expect(site.backup(server).take(request, site.context())).rejects.toMatchObject({
      code: 'backup-name',
    });
  });
});
