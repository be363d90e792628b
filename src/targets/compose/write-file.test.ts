import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { replaceFile } from './write-file.ts';

let within: string;
let path: string;
beforeEach(async () => {
  within = join(await mkdtemp(join(tmpdir(), 'belay-write-')), 'project');
  await mkdir(within);
  path = join(within, 'a.yml');
  await writeFile(path, 'old');
});
afterEach(() => rm(join(within, '..'), { recursive: true }));

const replace = (at = path) => replaceFile({ path: at, before: 'old', after: 'new', within });
const refusal = { fault: 'request', code: 'file-not-editable' };

describe('replaceFile', () => {
  test('keeps the mode and leaves nothing beside', async () => {
    await chmod(path, 0o640);
    await writeFile(join(within, '.a.yml.belay-new'), 'what a kill left');
    await replace();
    expect(await readFile(path, 'utf8')).toBe('new');
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await readdir(within)).toEqual(['a.yml']);
  });

  test('refuses a read-only file', async () => {
    await chmod(path, 0o444);
    await expect(replace()).rejects.toMatchObject(refusal);
    expect(await readFile(path, 'utf8')).toBe('old');
  });

  test('refuses a link out of the project, follows one inside', async () => {
    const outside = join(within, '..', 'other.yml');
    await writeFile(outside, 'old');
    await symlink(outside, join(within, 'out.yml'));
    await symlink(path, join(within, 'in.yml'));
    await expect(replace(join(within, 'out.yml'))).rejects.toMatchObject(refusal);
    expect(await readFile(outside, 'utf8')).toBe('old');
    await replace(join(within, 'in.yml'));
    expect(await readFile(path, 'utf8')).toBe('new');
  });

  test('refuses a file with other hard links', async () => {
    await link(path, join(within, 'same.yml'));
    await expect(replace()).rejects.toMatchObject(refusal);
  });

  test('leaves a file alone that someone changed meanwhile', async () => {
    await writeFile(path, 'edited by a person');
    await expect(replace()).rejects.toMatchObject({ fault: 'environment', code: 'file-changed' });
    expect(await readFile(path, 'utf8')).toBe('edited by a person');
  });
});
