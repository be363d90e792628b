/**
 * What a failed connection means: one table for the driver's errors and for what libpq's programs print.
 */
import { failure, type BelayError, type Fault } from '../domain/errors.ts';

/** Why a database can't be talked to. */
export type ConnectionProblem =
  | 'database-unreachable'
  | 'database-starting'
  | 'database-busy'
  | 'database-auth'
  | 'database-missing';

const FAULTS: Record<ConnectionProblem, Fault> = {
  'database-unreachable': 'environment',
  'database-starting': 'environment',
  'database-busy': 'environment',
  'database-auth': 'request',
  'database-missing': 'request',
};

const REMEDIES: Record<ConnectionProblem, string> = {
  'database-unreachable':
    'start the database, or correct the host and port of the URL that backup.postgres.url names',
  'database-starting': 'wait until the database accepts connections; its log says what it is doing',
  'database-busy': "raise the server's max_connections or end idle connections",
  'database-auth': 'correct the user and password in the URL that backup.postgres.url names',
  'database-missing': 'correct the database name in the URL that backup.postgres.url names',
};

/** SQLSTATEs with which a server turns a connection away or ends it. */
const STATES: Record<string, ConnectionProblem> = {
  '28000': 'database-auth',
  '28P01': 'database-auth',
  '3D000': 'database-missing',
  '53300': 'database-busy',
  '57P01': 'database-starting',
  '57P02': 'database-starting',
  '57P03': 'database-starting',
};

/** What the server and libpq say in words; programs of libpq print no SQLSTATE for a failed connection. */
const WORDS: readonly (readonly [RegExp, ConnectionProblem])[] = [
  [/database ".*" does not exist/, 'database-missing'],
  [
    /password authentication failed|no password supplied|no pg_hba\.conf entry|role ".*" does not exist|(peer|ident) authentication failed|SASL/i,
    'database-auth',
  ],
  [/too many (clients|connections)|remaining connection slots/i, 'database-busy'],
  [
    /the database system is (starting up|shutting down|in recovery|not yet accepting|not accepting)/i,
    'database-starting',
  ],
  [
    /could not connect|connection refused|connection to server .* failed|could not translate host name|server closed the connection|terminating connection|timeout expired|no route to host|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|Connection terminated|timeout exceeded/i,
    'database-unreachable',
  ],
];

/** The problem behind a SQLSTATE or a text, or undefined when it is none of connecting. */
export function connectionProblem(
  sqlState: string | undefined,
  text: string,
): ConnectionProblem | undefined {
  if (sqlState !== undefined && STATES[sqlState]) return STATES[sqlState];
  if (sqlState?.startsWith('08')) return 'database-unreachable';
  return WORDS.find(([pattern]) => pattern.test(text))?.[1];
}

/** The error for a problem. `what` is `user@host:port/database`; `said` the server's own words. */
export function connectionFailure(
  problem: ConnectionProblem,
  what: string,
  said: string,
  cause?: unknown,
): BelayError {
  const words: Record<ConnectionProblem, string> = {
    'database-unreachable': "can't be reached",
    'database-starting': 'does not accept connections yet',
    'database-busy': 'has no connection free',
    'database-auth': 'does not let this user in',
    'database-missing': 'does not exist',
  };
  return failure(
    FAULTS[problem],
    problem,
    `database ${what} ${words[problem]}: ${said.trim()}`,
    REMEDIES[problem],
    cause,
  );
}
