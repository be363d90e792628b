import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadRelease } from './load-release.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-release-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('reads a release', async () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  await writeFile(
    join(folder, '1.3.0.yaml'),
    `version: 1.3.0\nfrom: ">=1.2.0"\nmigrations:\n  - {version: 2017, name: automation, kind: additive}\n  - {version: 2018, kind: breaking}\ndigests: {app: "${digest}"}\n`,
  );
  expect(await loadRelease(folder, '1.3.0')).toEqual({
    version: '1.3.0',
    from: '>=1.2.0',
    migrations: [
      { version: 2017, name: 'automation', kind: 'additive' },
      { version: 2018, kind: 'breaking' },
    ],
    digests: { app: digest },
  });
});

it('reads a .yml file with the least in it', async () => {
  await writeFile(join(folder, '1.3.1.yml'), 'version: 1.3.1\n');
  expect(await loadRelease(folder, '1.3.1')).toEqual({
    version: '1.3.1',
    migrations: [],
    digests: {},
  });
});

it('knows none', async () => {
  expect(await loadRelease(folder, '9.9.9')).toBeUndefined();
});

it('refuses a directory that is not there', async () => {
  await expect(loadRelease(join(folder, 'none'), '1.3.0')).rejects.toMatchObject({
    fault: 'request',
    code: 'releases-missing',
  });
});

it.each(['../1.3.0', 'a/b', '', '..'])('refuses the version %j', async (version) => {
  await expect(loadRelease(folder, version)).rejects.toMatchObject({ code: 'bad-version' });
});

it.each([
  [
    'another version',
    'version: 1.3.0',
    ':1:1: version: expected "2.0.0", as the file is named, found "1.3.0"',
  ],
  [
    'a number',
    'version: 2.0',
    ':1:1: version: expected a version in quotes or with two dots, such as "1.3.0", found 2',
  ],
  [
    'a range that is none',
    'version: 2.0.0\nfrom: newer',
    ':2:1: from: expected a range of versions, such as ">=1.2.0", found "newer"',
  ],
  [
    'a kind that is none',
    'version: 2.0.0\nmigrations: [{version: 1, kind: fine}]',
    ':2:27: migrations[0].kind: expected one of additive, breaking, unknown, found "fine"',
  ],
  [
    'a migration twice',
    'version: 2.0.0\nmigrations: [{version: 1, kind: additive}, {version: 1, kind: additive}]',
    ':2:45: migrations[1].version: expected a number that no other migration in the list has, found 1',
  ],
  [
    'a digest that is none',
    'version: 2.0.0\ndigests: {app: "sha256:1"}',
    ':2:11: digests.app: expected a digest, sha256: and 64 hexadecimal digits, found "sha256:1"',
  ],
  ['a misspelt key', 'version: 2.0.0\nmigration: []', ':2:1: migration: is not a known key'],
])('refuses %s', async (_, text, message) => {
  const file = join(folder, '2.0.0.yaml');
  await writeFile(file, text);
  await expect(loadRelease(folder, '2.0.0')).rejects.toMatchObject({
    message: `${file}${message}`,
  });
});
