/**
 * Connection URLs of Postgres, and what libpq's programs are told of them: everything by environment, nothing by argv.
 */
import { failure } from '../domain/errors.ts';

/** TLS as libpq's `sslmode` means it. */
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** A parsed connection URL. */
export interface Connection {
  /** Host name, address, or the absolute folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Undefined where the server asks for none. Secret. */
  readonly password?: string;
  readonly database: string;
  readonly sslMode: SslMode;
  /** Absolute path of the certificate authority's file. */
  readonly sslRootCert?: string;
}

const DEFAULT_PORT = 5432;
const SSL_MODES: readonly string[] = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
] satisfies readonly SslMode[];

/** Names that mean the machine on which the URL is read, which inside a container is another one. */
const LOOPBACK = /^(localhost|127\..*|\[?::1\]?|\/.*)$/;

/**
 * Parses `postgres://user:password@host:port/database?sslmode=…`; `host=/folder` names a socket.
 *
 * @param deployment - named in errors, which never hold the URL itself: it has a password in it.
 * @throws BelayError fault `request`, `database-url`.
 */
export function parseConnectionUrl(text: string, deployment: string): Connection {
  const url = URL.parse(text);
  if (!url) throw wrongUrl(deployment, 'it is not a URL');
  if (!/^postgres(ql)?:$/.test(url.protocol)) {
    throw wrongUrl(deployment, `it begins with ${url.protocol}`);
  }
  const sslMode = url.searchParams.get('sslmode') ?? 'prefer';
  if (!isSslMode(sslMode)) throw wrongUrl(deployment, `sslmode ${sslMode} is unknown`);
  const [user, password, path] = [url.username, url.password, url.pathname.slice(1)].map((part) =>
    decode(part, deployment),
  ) as [string, string, string];
  const host = url.searchParams.get('host') ?? decode(url.hostname, deployment);
  const sslRootCert = url.searchParams.get('sslrootcert');
  if (host === '') throw wrongUrl(deployment, 'it names no host');
  if (user === '') throw wrongUrl(deployment, 'it names no user');
  return {
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || url.searchParams.get('port') || DEFAULT_PORT),
    user,
    ...(password === '' ? {} : { password }),
    database: path === '' ? user : path,
    sslMode,
    ...(sslRootCert === null ? {} : { sslRootCert }),
  };
}

/**
 * The same database seen from inside its own container. The port is the URL's when the URL names the container's host
 * on its network; a URL to loopback names a published port, which means nothing inside, so there it is 5432.
 */
export function fromInside(connection: Connection): Connection {
  const published = LOOPBACK.test(connection.host);
  const { sslRootCert: _, ...rest } = connection;
  return {
    ...rest,
    host: '127.0.0.1',
    port: published ? DEFAULT_PORT : connection.port,
    sslMode: 'prefer',
  };
}

/** What libpq's programs (psql, pg_dump) read. `LC_ALL=C`: their messages are matched in English. */
export function libpqEnvironment(
  connection: Connection,
  applicationName: string,
): Record<string, string> {
  return {
    PGHOST: connection.host,
    PGPORT: String(connection.port),
    PGUSER: connection.user,
    PGDATABASE: connection.database,
    PGSSLMODE: connection.sslMode,
    PGAPPNAME: applicationName,
    PGCONNECT_TIMEOUT: '5',
    LC_ALL: 'C',
    ...(connection.password === undefined ? {} : { PGPASSWORD: connection.password }),
    ...(connection.sslRootCert === undefined ? {} : { PGSSLROOTCERT: connection.sslRootCert }),
  };
}

/** `user@host:port/database`: how a database is named in messages. */
export function describeConnection(connection: Connection): string {
  return `${connection.user}@${connection.host}:${connection.port}/${connection.database}`;
}

function isSslMode(text: string): text is SslMode {
  return SSL_MODES.includes(text);
}

function decode(part: string, deployment: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw wrongUrl(deployment, 'it holds a % that is no escape (write % as %25)');
  }
}

function wrongUrl(deployment: string, why: string) {
  return failure(
    'request',
    'database-url',
    `deployment ${deployment}: the database URL of backup.postgres.url can't be used: ${why}`,
    'write it as postgres://user:password@host:port/database, special characters escaped',
  );
}
