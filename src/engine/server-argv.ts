/**
 * The command line of the embedded server.
 */
import { SEARCH_ATTRIBUTES } from '../domain/names.ts';
import { LOOPBACK } from './ports.ts';
import type { Ports } from './ports.ts';

/** Names the database; also how a server that was left behind is recognised. */
export const DATABASE_FLAG = '--db-filename';

/** argv of Temporal's development server on `databaseFile`, on the loopback address only. */
export function serverArgv(binary: string, databaseFile: string, ports: Ports): string[] {
  return [
    binary,
    ...['server', 'start-dev'],
    ...[DATABASE_FLAG, databaseFile],
    ...['--ip', LOOPBACK, '--port', String(ports.grpc)],
    ...['--ui-ip', LOOPBACK, '--ui-port', String(ports.ui), '--ui-disable-news-fetch'],
    ...['--log-level', 'error'],
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}
