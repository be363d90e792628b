import { z } from 'zod';
import { DatabaseQueryError, type Database } from '../domain/database.ts';
import { failure } from '../domain/errors.ts';
import type { Output } from '../domain/act.ts';
import type { Inside } from '../process/inside.ts';
import { describeConnection, libpqEnvironment, type Connection } from './connection.ts';
import { connectionFailure, connectionProblem } from './database-errors.ts';
import { APPLICATION_NAME, asRedactionProofRows, fromRedactionProof, withLiterals } from './sql.ts';

const QUERY_TIMEOUT_MS = 30_000;
const STATEMENT_TIMEOUT_MS = 20_000;

/** psql with VERBOSITY=verbose: `ERROR:  42P01: relation "x" does not exist`, the first word in the server's language. */
const VERBOSE_ERROR = /^\S+:\s+([0-9A-Z]{5}): (.*)$/m;

const rowsSchema = z.array(z.unknown());

/**
 * A database reached by `psql` inside its own container, where its port is not published or its network is not ours.
 *
 * @param connect - resolves the connection as seen from inside; may throw a `request` error (missing variable).
 */
export function createInsideDatabase(
  inside: Inside,
  component: string,
  connect: () => Promise<Connection>,
): Database {
  return {
    async query(sql, values, signal) {
      const connection = await connect();
      const env = {
        ...libpqEnvironment(connection, APPLICATION_NAME),
        PGOPTIONS: `-c statement_timeout=${STATEMENT_TIMEOUT_MS}`,
      };
      const output = await inside(
        psqlArgv(asRedactionProofRows(withLiterals(sql, values))),
        { env, timeoutMs: QUERY_TIMEOUT_MS },
        { signal, progress: () => undefined },
      );
      signal.throwIfAborted();
      if (output.exitCode !== 0) throw translate(output, connection, component);
      return rowsSchema.parse(JSON.parse(fromRedactionProof(output.stdout)));
    },
  } satisfies Database;
}

/** `-X`: no psqlrc; `-w`: never asks for a password; `-At`: the bare value. */
function psqlArgv(sql: string): string[] {
  const variables = ['-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose'];
  return ['psql', '-X', '-w', '-q', '-A', '-t', ...variables, '-c', sql];
}

function translate(output: Output, connection: Connection, component: string): Error {
  const said = output.stderr.trim() || output.stdout.trim();
  const [, state, message = said] = VERBOSE_ERROR.exec(output.stderr) ?? [];
  const problem = connectionProblem(state, said);
  if (problem) {
    const what = `${describeConnection(connection)} in component ${component}`;
    return connectionFailure(problem, what, said);
  }
  if (state !== undefined) return new DatabaseQueryError(state, message);
  if (output.exitCode === 126 || output.exitCode === 127) return noPsql(component, said);
  return failure(
    'environment',
    'database-query-failed',
    `psql in component ${component} ended with exit code ${output.exitCode}: ${said}`,
    `look at the log of component ${component}`,
  );
}

function noPsql(component: string, said: string): Error {
  return failure(
    'request',
    'backup-tool-missing',
    `component ${component} has no psql to run: ${said}`,
    'name the component that runs Postgres in backup.postgres.component, or leave it out to use the tools of the site',
  );
}
