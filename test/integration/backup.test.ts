import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../scripts/stack/free-port.ts';
import type { BelayError } from '../../src/domain/errors.ts';
import { run } from '../../src/process/run.ts';
import { BackupSite, COUNTS, requestOf, SEED } from '../stack/backup-site.ts';
import {
  olderPrograms,
  pinnedPrograms,
  PostgresServer,
  type PostgresPrograms,
} from '../stack/postgres.ts';

let folder: string;
let older: PostgresPrograms;
const servers: PostgresServer[] = [];
let site: BackupSite;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-programs-'));
  older = await olderPrograms();
  for (const programs of [await pinnedPrograms(folder), older]) {
    const server = await PostgresServer.start(programs);
    servers.push(server);
    await server.sql(...SEED);
  }
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  site = await BackupSite.make();
});
afterEach(() => site.remove());

const signal = () => new AbortController().signal;

describe.each([0, 1])('with server %i', (index) => {
  const server = () => servers[index]!;

  it('takes a backup that restores, with a manifest beside it', async () => {
    const result = await site.backup(server()).take(requestOf('run-1'), site.context());
    expect(basename(result.file)).toBe('db-backup-1.2.2-20260326T100000.dump');
    const bytes = await readFile(result.file);
    expect(result).toMatchObject({ bytes: bytes.length, proof: 'full-read' });
    expect(result.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect((await stat(result.file)).mode & 0o777).toBe(0o600);
    expect(await site.names()).toEqual([basename(result.file), `${basename(result.file)}.json`]);
    expect(await site.manifest(`${basename(result.file)}.json`)).toMatchObject({
      sha256: result.sha256,
      bytes: bytes.length,
      version: '1.2.2',
      serverVersion: result.serverVersion,
      deployment: 'acme',
      runId: 'run-1',
    });
    expect(result.serverVersion).toMatch(new RegExp(`^${server().programs.major}\\.\\d+$`));
    expect(site.progress.at(0)).toMatchObject({ step: 'backup', doneBytes: 0 });
    expect(await restored(server(), result.file)).toEqual(await server().sql(COUNTS));
  });

  it('says what the database is, and which tools would dump it', async () => {
    const { major } = server().programs;
    const facts = await site.backup(server()).probe(signal());
    expect(facts.major).toBe(major);
    expect(facts.sizeBytes).toBeGreaterThan(5_000_000);
    const { tool } = await site.backup(server()).checkTools(facts, signal());
    expect(tool).toContain(`pg_dump ${major}.`);
  });
});

async function restored(server: PostgresServer, file: string): Promise<unknown> {
  await server.sql('drop database if exists restored', 'create database restored');
  const url = server.url.replace(/tenant$/, 'restored');
  const argv = [join(server.programs.bin, 'pg_restore'), '--exit-on-error', '-d', url, file];
  const { exitCode, stderr } = await run(argv, { env: { LC_ALL: 'C' }, timeoutMs: 60_000 });
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  const found = await run(
    [join(server.programs.bin, 'psql'), '-XAtc', `select row_to_json(t) from (${COUNTS}) t`, url],
    {
      env: { LC_ALL: 'C' },
      timeoutMs: 10_000,
    },
  );
  return [JSON.parse(found.stdout)];
}

describe('once is enough', () => {
  const backup = () => site.backup(servers[0]!);

  it('answers the same backup to a second attempt of the run', async () => {
    const first = await backup().take(requestOf('run-1'), site.context());
    const before = await stat(first.file);
    expect(await backup().take(requestOf('run-1'), site.context())).toEqual(first);
    expect((await stat(first.file)).mtimeMs).toBe(before.mtimeMs);
    expect(await site.names()).toHaveLength(2);
  });

  it('needs no database for that', async () => {
    const first = await backup().take(requestOf('run-1'), site.context());
    const gone = `postgres://atlas:x@127.0.0.1:${await freePort()}/tenant`;
    const again = site.backup(servers[0]!, { url: gone });
    expect(await again.take(requestOf('run-1'), site.context())).toEqual(first);
  });

  it.each([
    ['shortened', (file: string) => truncate(file, 1000)],
    ['changed in one byte', flipByte],
  ])('takes another when the first was %s', async (_, damage) => {
    const first = await backup().take(requestOf('run-1'), site.context());
    await damage(first.file);
    const second = await backup().take(requestOf('run-1'), site.context());
    expect(basename(second.file)).toBe('db-backup-1.2.2-20260326T100000-acme.dump');
    expect(await restored(servers[0]!, second.file)).toEqual(await servers[0]!.sql(COUNTS));
  });

  it('two deployments that share the directory in the same second both keep theirs', async () => {
    const other = site.backup(servers[1]!, { deployment: 'beta' });
    const [one, two] = await Promise.all([
      backup().take(requestOf('run-1'), site.context()),
      other.take(requestOf('run-2'), site.context()),
    ]);
    expect(one.file).not.toBe(two.file);
    for (const { file, sha256 } of [one, two]) {
      const manifest = await site.manifest(`${basename(file)}.json`);
      expect(manifest).toMatchObject({ sha256, file: basename(file) });
      expect(
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex'),
      ).toBe(sha256);
    }
  });
});

async function flipByte(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(file, bytes);
}

it('keeps the newest of its own deployment, and never touches what is not its own', async () => {
  const foreign = site.backup(servers[0]!, { deployment: 'beta' });
  await foreign.take(requestOf('run-b', '20260301T000000'), site.context());
  const files = ['db-backup-1.0.0-20200101T000000.dump', 'notes.txt', '.db-backup-x-1.partial'];
  for (const name of files) await writeFile(join(site.directory, name), 'not belay’s');
  const backup = site.backup(servers[0]!, { keep: 2 });
  for (const day of [1, 2, 3, 4]) {
    await backup.take(requestOf(`run-${day}`, `2026040${day}T000000`), site.context());
  }
  expect((await site.names()).filter((name) => !name.endsWith('.json'))).toEqual(
    [
      ...files,
      'db-backup-1.2.2-20260301T000000.dump',
      'db-backup-1.2.2-20260403T000000.dump',
      'db-backup-1.2.2-20260404T000000.dump',
    ].sort(),
  );
});

describe('tools of another version', () => {
  it('refuses an older pg_dump, in words', async () => {
    const backup = site.backup(servers[0]!, { bin: older.bin });
    const facts = await backup.probe(signal());
    const words = /Postgres 18, and pg_dump 1\d\.\d+ .* is older: it can't dump it/;
    await expect(backup.checkTools(facts, signal())).rejects.toThrow(words);
    const error = await failureOf(backup.take(requestOf('run-1'), site.context()));
    expect(error).toMatchObject({ fault: 'request', code: 'backup-tool-too-old' });
    expect(await site.names()).toEqual([]);
  });

  it('lets a newer one dump', async () => {
    const newer = servers[0]!.programs.bin;
    const backup = site.backup(servers[1]!, { bin: newer });
    const result = await backup.take(requestOf('run-1'), site.context());
    expect(await site.manifest(`${basename(result.file)}.json`)).toMatchObject({
      tool: expect.stringContaining('pg_dump 18.') as string,
      serverVersion: expect.stringMatching(`^${older.major}`) as string,
    });
  });

  it('says where it looked when there is none', async () => {
    const backup = site.backup(servers[0]!, { bin: site.directory });
    const attempt = backup.checkTools({ serverVersion: '18.6', major: 18, sizeBytes: 1 }, signal());
    await expect(attempt).rejects.toMatchObject({ code: 'backup-tool-missing', fault: 'request' });
    await expect(attempt).rejects.toThrow(site.directory);
  });
});

async function failureOf(promise: Promise<unknown>): Promise<BelayError> {
  return promise.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: unknown) => error as BelayError,
  );
}
