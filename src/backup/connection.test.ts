import { describe, expect, it } from 'vitest';
import {
  describeConnection,
  fromInside,
  libpqEnvironment,
  parseConnectionUrl,
} from './connection.ts';
import { connectionProblem } from './database-errors.ts';

const parse = (url: string) => parseConnectionUrl(url, 'acme');

describe('parseConnectionUrl', () => {
  it.each([
    [
      'postgres://atlas:p%40ss@db:6432/tenant',
      { host: 'db', port: 6432, user: 'atlas', password: 'p@ss', database: 'tenant' },
    ],
    ['postgresql://atlas@db', { host: 'db', port: 5432, user: 'atlas', database: 'atlas' }],
    [
      'postgres://u@%2Frun%2Fpostgresql/d?sslmode=disable',
      { host: '/run/postgresql', port: 5432, database: 'd', sslMode: 'disable' },
    ],
    ['postgres://u@x/d?host=/tmp&port=6000', { host: '/tmp', port: 6000 }],
    ['postgres://u@[::1]:5433/d', { host: '::1', port: 5433 }],
  ])('reads %s', (url, expected) => {
    expect(parse(url)).toMatchObject(expected);
  });

  it.each([
    ['not a url', 'it is not a URL'],
    ['mysql://u:hidden@h/d', 'it begins with mysql:'],
    ['postgres://u:hidden%zz@h/d', '% that is no escape'],
    ['postgres://u:hidden@h/d?sslmode=maybe', 'sslmode maybe is unknown'],
    ['postgres://h/d', 'names no user'],
  ])('refuses %s without showing it', (url, why) => {
    expect(() => parse(url)).toThrow(why);
    expect(() => parse(url)).toThrow(/^deployment acme: (?!.*hidden)/);
  });
});

describe('fromInside', () => {
  it.each([
    ['postgres://u@db:6432/d', '127.0.0.1', 6432],
    ['postgres://u@localhost:15432/d', '127.0.0.1', 5432],
    ['postgres://u@127.0.0.1:15432/d', '127.0.0.1', 5432],
    ['postgres://u@[::1]:15432/d', '127.0.0.1', 5432],
  ])('of %s is %s:%i', (url, host, port) => {
    expect(fromInside(parse(url))).toMatchObject({ host, port });
  });
});

it('hands libpq no password when there is none', () => {
  expect(libpqEnvironment(parse('postgres://u@db/d'), 'belay-1')).toEqual({
    PGHOST: 'db',
    PGPORT: '5432',
    PGUSER: 'u',
    PGDATABASE: 'd',
    PGSSLMODE: 'prefer',
    PGAPPNAME: 'belay-1',
    PGCONNECT_TIMEOUT: '5',
    LC_ALL: 'C',
  });
});

it('describes a database without its password', () => {
  expect(describeConnection(parse('postgres://u:secret@db:6432/d'))).toBe('u@db:6432/d');
});

describe('connectionProblem', () => {
  it.each([
    ['28P01', '', 'database-auth'],
    ['3D000', '', 'database-missing'],
    ['57P03', '', 'database-starting'],
    ['53300', '', 'database-busy'],
    ['08006', '', 'database-unreachable'],
    [undefined, 'FATAL:  database "x" does not exist', 'database-missing'],
    [undefined, 'FATAL:  role "x" does not exist', 'database-auth'],
    [undefined, 'connect ECONNREFUSED 127.0.0.1:5432', 'database-unreachable'],
    [
      undefined,
      'connection to server at "127.0.0.1", port 5432 failed: FATAL:  the database system is starting up',
      'database-starting',
    ],
    ['42P01', 'relation "schema_migrations" does not exist', undefined],
    [undefined, 'permission denied for table incidents', undefined],
  ])('%s %s → %s', (state, text, problem) => {
    expect(connectionProblem(state, text)).toBe(problem);
  });
});
