import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { Client, DatabaseError } from 'pg';
import { z } from 'zod';
import { DatabaseQueryError, type Database, type SqlValue } from '../domain/database.ts';
import { redact } from '../process/redact.ts';
import { describeConnection, type Connection } from './connection.ts';
import { connectionFailure, connectionProblem } from './database-errors.ts';
import { APPLICATION_NAME, asJsonRows } from './sql.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 20_000;

/** The server's answer to a TLS request that it has no TLS; the driver has no code for it. */
const NO_TLS = 'The server does not support SSL connections';

const answerSchema = z.tuple([z.object({ rows: z.string() })]);
const rowsSchema = z.array(z.unknown());

/**
 * A database reached over the network by the driver. The connection is looked up anew for every statement.
 *
 * @param connect - resolves the connection; may throw a `request` error (missing variable).
 */
export function createDirectDatabase(connect: () => Promise<Connection>): Database {
  return {
    async query(sql, values, signal) {
      const connection = await connect();
      try {
        return await ask(connection, sql, values, signal);
      } catch (error) {
        signal.throwIfAborted();
        throw translate(error, connection);
      }
    },
  } satisfies Database;
}

async function ask(
  connection: Connection,
  sql: string,
  values: readonly SqlValue[],
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const client = await open(connection, signal);
  // Ending a client with an active query destroys its socket, which is what rejects the query.
  const onAbort = () => void client.end().catch(() => undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    // By SET and not by a start-up parameter, which poolers refuse.
    await client.query(`set statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
    const answer = await client.query(asJsonRows(sql), [...values]);
    const [row] = answerSchema.parse(answer.rows);
    return rowsSchema.parse(JSON.parse(row.rows));
  } finally {
    signal.removeEventListener('abort', onAbort);
    await client.end().catch(() => undefined);
  }
}

/** `prefer` and `allow` fall back to plain text where the server has no TLS, as libpq does. */
async function open(connection: Connection, signal: AbortSignal): Promise<Client> {
  const tls = await tlsOptions(connection);
  try {
    return await openWith(connection, tls, signal);
  } catch (error) {
    const optional = connection.sslMode === 'prefer' || connection.sslMode === 'allow';
    if (!optional || !(error instanceof Error) || error.message !== NO_TLS) throw error;
    return await openWith(connection, false, signal);
  }
}

async function openWith(
  connection: Connection,
  ssl: ConnectionOptions | false,
  signal: AbortSignal,
): Promise<Client> {
  signal.throwIfAborted();
  const client = new Client({
    host: connection.host,
    port: connection.port,
    user: connection.user,
    // Never undefined: the driver would look for PGPASSWORD of the worker itself.
    password: connection.password ?? '',
    database: connection.database,
    ssl,
    application_name: APPLICATION_NAME,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // A connection that breaks between queries is reported by the next one.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** libpq's meaning: below `verify-ca` the certificate is not checked, only `verify-full` checks its name. */
async function tlsOptions(connection: Connection): Promise<ConnectionOptions | false> {
  const { sslMode, sslRootCert, host } = connection;
  if (sslMode === 'disable' || host.startsWith('/')) return false;
  if (sslMode !== 'verify-ca' && sslMode !== 'verify-full') return { rejectUnauthorized: false };
  const ca = sslRootCert === undefined ? {} : { ca: await readFile(sslRootCert) };
  return sslMode === 'verify-ca' ? { ...ca, checkServerIdentity: () => undefined } : ca;
}

function translate(error: unknown, connection: Connection): unknown {
  if (!(error instanceof Error)) return error;
  const state = error instanceof DatabaseError ? error.code : undefined;
  const said = redact(textOf(error));
  const problem = connectionProblem(state, said);
  if (problem) return connectionFailure(problem, describeConnection(connection), said, error);
  return state === undefined ? error : new DatabaseQueryError(state, said, { cause: error });
}

/** Node's AggregateError (one host, several addresses) has an empty message. */
function textOf(error: Error): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors
      .map((each) => (each instanceof Error ? each.message : String(each)))
      .join('; ');
  }
  return error.message;
}
