import { describe, expect, it } from 'vitest';
import { parseConnectionUrl } from './connection.ts';
import { dumpFailure, probeCompression } from './dump.ts';
import { choose } from './local-tools.ts';
import { findInsideTools, toolVersion, type Tools } from './tools.ts';

it.each([
  ['pg_dump (PostgreSQL) 18.6', '18.6'],
  ['pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', '15.18'],
  ['pg_dump (PostgreSQL) 19beta1', '19beta1'],
  ['bash: pg_dump: command not found', undefined],
])('toolVersion of %j is %s', (text, version) => {
  expect(toolVersion(text)).toBe(version);
});

describe('choose', () => {
  const of = (...majors: number[]) => majors.map((major) => ({ major }));
  it.each([
    ['the exact one', of(13, 15, 18), 15, 15],
    ['the nearest newer one', of(13, 18, 17), 15, 17],
    ['none that is older', of(13, 14), 15, undefined],
    ['none of none', of(), 15, undefined],
  ])('takes %s', (_, candidates, server, expected) => {
    expect(choose(candidates, server)?.major).toBe(expected);
  });
});

describe('the tools inside a component', () => {
  const inside = (exitCode: number, stdout: string, stderr = '') =>
    findInsideTools(
      () => Promise.resolve({ exitCode, stdout, stderr }),
      'db',
      18,
      new AbortController().signal,
    );

  it('are refused when they are older than the server', async () => {
    await expect(inside(0, 'pg_dump (PostgreSQL) 15.18\n')).rejects.toMatchObject({
      code: 'backup-tool-too-old',
      message:
        "the server is Postgres 18, and pg_dump 15.18 in component db is older: it can't dump it",
    });
  });

  it('are refused when there are none', async () => {
    const attempt = inside(127, '', 'exec: "pg_dump": executable file not found in $PATH');
    await expect(attempt).rejects.toMatchObject({ code: 'backup-tool-missing', fault: 'request' });
    await expect(attempt).rejects.toThrow('executable file not found');
  });
});

describe('probeCompression', () => {
  const NO_SERVER = 'pg_dump: error: connection to server on socket "/belay-no-server/x" failed';
  /** A pg_dump that says these words to these compressions. */
  const tools = (major: number, says: Record<string, string>): Tools => ({
    description: 'pg_dump',
    major,
    run: (_, args) => {
      const level = args.find((arg) => arg.startsWith('--compress='))?.slice(11) ?? '';
      return Promise.resolve({ exitCode: 1, stdout: '', stderr: says[level] ?? NO_SERVER });
    },
  });
  const noZstd =
    'pg_dump: error: invalid compression specification: this build does not support compression with ZSTD';
  const noGzip = noZstd.replace('ZSTD', 'gzip');

  it.each([
    ['zstd where it is built in', 18, {}, 'zstd:3'],
    ['gzip where zstd is not', 18, { 'zstd:3': noZstd }, '1'],
    ['none where nothing is', 18, { 'zstd:3': noZstd, '1': noGzip }, '0'],
    ['gzip before 16, unasked', 15, { '1': 'never asked' }, '1'],
  ])('takes %s', async (_, major, says, expected) => {
    const { signal } = new AbortController();
    expect(await probeCompression(tools(major, says), {}, signal)).toBe(expected);
  });
});

describe('dumpFailure', () => {
  const connection = parseConnectionUrl('postgres://atlas:very-hidden@db/tenant', 'acme');
  it.each([
    ['could not write to output file: No space left on device', 'environment', 'backup-disk-full'],
    ['write /dev/stdout: disk quota exceeded', 'environment', 'backup-disk-full'],
    [
      'query failed: ERROR:  canceling statement due to lock timeout',
      'environment',
      'backup-lock-timeout',
    ],
    ['query failed: ERROR:  permission denied for table incidents', 'request', 'backup-permission'],
    [
      'query failed: ERROR:  query would be affected by row-level security policy for table "t"',
      'request',
      'backup-permission',
    ],
    ['aborting because of server version mismatch', 'request', 'backup-tool-too-old'],
    [
      'query failed: server closed the connection unexpectedly',
      'environment',
      'database-unreachable',
    ],
    [
      'query failed: FATAL:  terminating connection due to administrator command',
      'environment',
      'database-unreachable',
    ],
    ['unrecognized data block type', 'unknown', 'backup-failed'],
  ])('%s', (stderr, fault, code) => {
    const error = dumpFailure({ exitCode: 1, stderr: `pg_dump: error: ${stderr}` }, connection);
    expect(error).toMatchObject({ fault, code });
    expect(error.message).toContain('atlas@db:5432/tenant');
    expect(error.message).not.toContain('very-hidden');
  });
});
