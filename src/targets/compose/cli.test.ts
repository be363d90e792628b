import { describe, expect, test } from 'vitest';
import {
  configArgv,
  execArgv,
  oneOffArgv,
  clientSaysEngineGone,
  saysEngineGone,
  saysEngineLostCount,
  saysPortTaken,
  scrubbedEnvironment,
  upArgv,
} from './cli.ts';

const base = {
  directory: '/p',
  composeFiles: ['/p/a.yml', '/p/b.yml'],
  envFiles: ['/p/x.env'],
  profiles: ['web'],
  name: 'shop',
};
const bare = { directory: '/p', composeFiles: ['/p/a.yml'], envFiles: [], profiles: [] };

describe('command lines', () => {
  test('up', () => {
    expect(upArgv(base, ['app', 'worker']).join(' ')).toBe(
      'docker compose --project-directory /p --file /p/a.yml --file /p/b.yml --env-file /p/x.env --profile web --project-name shop up --detach --no-deps --no-build --pull never app worker',
    );
    expect(upArgv(bare, ['app']).join(' ')).toBe(
      'docker compose --project-directory /p --file /p/a.yml up --detach --no-deps --no-build --pull never app',
    );
    expect(upArgv(bare, ['app'], { recreate: true }).join(' ')).toMatch(/ --force-recreate app$/);
  });

  test('config looks at every profile', () =>
    expect(configArgv(bare).join(' ')).toBe(
      'docker compose --project-directory /p --file /p/a.yml --profile * config --format json',
    ));

  test('variables go by name, never by value', () => {
    expect(execArgv('c1', ['PGPASSWORD'], ['pg_dump', '-Fc'], false).join(' ')).toBe(
      'docker exec --env PGPASSWORD c1 pg_dump -Fc',
    );
    expect(execArgv('c1', [], ['psql'], true).join(' ')).toBe('docker exec --interactive c1 psql');
    expect(oneOffArgv(bare, 'app', 'belay-1', ['A'], ['migrate', 'up']).join(' ')).toBe(
      'docker compose --project-directory /p --file /p/a.yml run --rm --no-deps -T --name belay-1 --label belay.one-off=belay-1 --env A app migrate up',
    );
  });
});

test('a variable of the shell can not beat the project’s .env', () => {
  const endpoint = { host: 'unix:///s', socketPath: '/s', origin: 'test' };
  const env = {
    PATH: '/bin',
    HOME: '/h',
    TAG: '9',
    COMPOSE_FILE: 'x',
    DOCKER_HOST: 'tcp://y',
    https_proxy: 'p',
  };
  expect(scrubbedEnvironment(env, endpoint)).toEqual({
    PATH: '/bin',
    HOME: '/h',
    https_proxy: 'p',
    COMPOSE_REMOVE_ORPHANS: 'false',
    DOCKER_HOST: 'unix:///s',
  });
});

test.each([
  ['Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?', true],
  ['error during connect: Post "http://…": EOF', true],
  [
    'Error response from daemon: failed to update store: grpc: the client connection is closing',
    true,
  ],
  ['Error response from daemon: driver failed: port is already allocated', false],
  ['exec: "nope": executable file not found in $PATH', false],
  ['the application says connection to db failed', false],
])('%s: engine gone %s', (text, gone) => expect(saysEngineGone(text)).toBe(gone));

test.each([
  [`Error response from daemon: task ${'5'.repeat(64)}: already exists`, true],
  [`OCI runtime create failed: container with id exists: ${'5'.repeat(64)}`, true],
  ['runc create failed: container with given ID already exists', true],
  ['psql: error: relation "task" already exists', false],
])('%s: engine lost count %s', (text, lost) => expect(saysEngineLostCount(text)).toBe(lost));

test.each([
  [
    ' Container a-1  Starting\nError response from daemon: driver failed programming external connectivity on endpoint a-1 (fdb7): Error starting userland proxy: listen tcp4 127.0.0.1:45429: bind: address already in use',
    true,
  ],
  [
    'Error response from daemon: driver failed: Bind for 0.0.0.0:80 failed: port is already allocated',
    true,
  ],
  [
    'Error response from daemon: failed to set up container networking: failed to bind host port for 127.0.0.1:80:172.17.0.2:80/tcp: address already in use',
    true,
  ],
  [
    'Error response from daemon: Ports are not available: exposing port TCP 0.0.0.0:80: bind: address already in use',
    true,
  ],
  ['the application says: address already in use', false],
])('%s: port taken %s', (text, taken) => expect(saysPortTaken(text)).toBe(taken));

test.each([
  ['Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?', true],
  ['psql: error: connection to server failed: Connection refused', false],
  ['write: broken pipe', false],
])('%s: the client says that the engine is gone %s', (text, gone) =>
  expect(clientSaysEngineGone(text)).toBe(gone),
);
