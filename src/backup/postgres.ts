/**
 * The Postgres implementation of backups, and the database itself for whoever has to ask it.
 */
import { z } from 'zod';
import type { PostgresBackup } from '../domain/deployment.ts';
import type { Database } from '../domain/database.ts';
import { BelayError } from '../domain/errors.ts';
import type { Inside } from '../process/inside.ts';
import { resolveSecret, type SecretLookups } from '../process/secrets.ts';
import type { Backup, DatabaseFacts } from './backup.ts';
import { fromInside, parseConnectionUrl, type Connection } from './connection.ts';
import { connectionFailure } from './database-errors.ts';
import { createDirectDatabase } from './direct-database.ts';
import { inspectDirectory } from './directory.ts';
import { createInsideDatabase } from './inside-database.ts';
import { findLocalTools } from './local-tools.ts';
import { takeBackup } from './take.ts';
import { findInsideTools, type Tools } from './tools.ts';

/** What the database of one deployment is reached by. */
export interface PostgresDeps {
  /** The deployment's name. */
  readonly deployment: string;
  readonly settings: PostgresBackup;
  readonly lookups: SecretLookups;
  /** `Target.run` bound to a component's running container; used when `settings.component` is set. */
  readonly inside: (component: string) => Inside;
}

const factsSchema = z.tuple([
  z.object({ version: z.string(), number: z.int(), size_bytes: z.int() }),
]);
const FACTS = `select current_setting('server_version') as version,
  current_setting('server_version_num')::int as number,
  pg_database_size(current_database()) as size_bytes`;

/** The database that `backup.postgres` names: inside its component's container, or over the network. */
export function createDatabase(deps: PostgresDeps): Database {
  const { component } = deps.settings;
  return component === undefined
    ? createDirectDatabase(() => connect(deps))
    : createInsideDatabase(ofDatabase(deps, component), component, () => connect(deps));
}

/** Backups of the database that `backup.postgres` names. */
export function createPostgresBackup(deps: PostgresDeps): Backup {
  const { deployment, settings } = deps;
  const database = createDatabase(deps);
  return {
    probe: (signal) => askFacts(database, signal).catch(refuseUnreachable),
    checkDirectory: () => inspectDirectory(settings.directory, deployment),
    checkTools: async ({ major }, signal) => ({
      tool: (await findTools(deps, major, signal)).description,
    }),
    take: (request, context) =>
      takeBackup({ deployment, settings, database, prepare }, request, context),
  } satisfies Backup;

  async function prepare(signal: AbortSignal) {
    const facts = await askFacts(database, signal);
    const tools = await findTools(deps, facts.major, signal);
    return { facts, connection: await connect(deps), tools };
  }
}

async function connect({ deployment, settings, lookups }: PostgresDeps): Promise<Connection> {
  const connection = parseConnectionUrl(await resolveSecret(settings.url, lookups), deployment);
  return settings.component === undefined ? connection : fromInside(connection);
}

async function askFacts(database: Database, signal: AbortSignal): Promise<DatabaseFacts> {
  const [row] = factsSchema.parse(await database.query(FACTS, [], signal));
  return {
    // Debian's is `15.18 (Debian 15.18-0+deb12u1)`.
    serverVersion: row.version.split(' ')[0] ?? row.version,
    major: Math.floor(row.number / 10_000),
    sizeBytes: row.size_bytes,
  };
}

function findTools(deps: PostgresDeps, major: number, signal: AbortSignal): Promise<Tools> {
  const { component } = deps.settings;
  return component === undefined
    ? findLocalTools(deps.lookups.environment, major, signal)
    : findInsideTools(ofDatabase(deps, component), component, major, signal);
}

/** Before anything changes, a database that isn't there is a reason to refuse; later it may come back. */
function refuseUnreachable(error: unknown): never {
  if (error instanceof BelayError && error.code === 'database-unreachable') {
    throw new BelayError('request', error.refusals, { cause: error });
  }
  throw error;
}

/** A database whose container does not run is unreachable; that says nothing against the release. */
function ofDatabase({ inside }: PostgresDeps, component: string): Inside {
  const run = inside(component);
  return async (argv, options, context) => {
    try {
      return await run(argv, options, context);
    } catch (error) {
      if (!(error instanceof BelayError) || error.code !== 'not-running') throw error;
      const what = `in component ${component}`;
      throw connectionFailure('database-unreachable', what, error.message, error);
    }
  };
}
