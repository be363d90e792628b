import { expect, test } from 'vitest';
import { serverArgv } from './server-argv.ts';

test('the server listens on the loopback address only, on its own database', () => {
  expect(serverArgv('/bin/temporal', '/s/temporal.db', { grpc: 7233, ui: 8233 })).toEqual([
    ...['/bin/temporal', 'server', 'start-dev', '--db-filename', '/s/temporal.db'],
    ...['--ip', '127.0.0.1', '--port', '7233'],
    ...['--ui-ip', '127.0.0.1', '--ui-port', '8233', '--ui-disable-news-fetch'],
    ...['--log-level', 'error'],
    ...[
      '--search-attribute',
      'BelayDeployment=Keyword',
      '--search-attribute',
      'BelayTenant=Keyword',
    ],
    ...['--search-attribute', 'BelayFrom=Keyword', '--search-attribute', 'BelayTo=Keyword'],
    ...['--search-attribute', 'BelayPhase=Keyword', '--search-attribute', 'BelayOutcome=Keyword'],
  ]);
});
