import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { prepareExample } from './prepare.ts';

const base = { name: 'beta', port: 3123, dbPort: 5123 } as const;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-prepare-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('prepareExample', () => {
  it('changes only the project name and the tag of the Compose file', async () => {
    const { composeFile } = await prepareExample(folder, { ...base, version: '1.2.1' });
    const before = await readFile(new URL('docker-compose.yml', import.meta.url), 'utf8');
    const after = (await readFile(composeFile, 'utf8')).split('\n');
    const changed = before.split('\n').flatMap((line, i) => (line === after[i] ? [] : after[i]));
    expect(changed).toEqual([
      'name: beta',
      '    image: 127.0.0.1:5000/atlasai/tenant-plane:1.2.1 # the upgrade changes this tag',
    ]);
  });

  it('puts the tag into .env where that is asked for', async () => {
    const { composeFile, envFile } = await prepareExample(folder, { ...base, style: 'env' });
    expect(await readFile(composeFile, 'utf8')).toContain('tenant-plane:${ATLAS_VERSION} #');
    expect(await readFile(envFile, 'utf8')).toContain('\nATLAS_VERSION=1.2.2\n');
  });

  it('keeps secrets to the owner, and makes new ones for every copy', async () => {
    const one = await prepareExample(join(folder, 'one'), base);
    const two = await prepareExample(join(folder, 'two'), base);
    expect((await stat(one.envFile)).mode & 0o777).toBe(0o600);
    expect((await stat(one.backups)).mode & 0o777).toBe(0o700);
    expect(one.databaseUrl).not.toBe(two.databaseUrl);
    expect(one.serviceSecret).not.toBe(two.serviceSecret);
    expect(await readFile(one.envFile, 'utf8')).toContain(one.serviceSecret);
  });

  it('fits the deployment file to the copy, with changed settings', async () => {
    const settings = { 'health.timeout': '20s', migrate: { how: 'none' } };
    const example = await prepareExample(folder, { ...base, settings });
    expect(parse(await readFile(example.deploymentFile, 'utf8'))).toMatchObject({
      name: 'beta',
      target: { compose: { directory: folder } },
      releases: example.releases,
      backup: { postgres: { directory: example.backups } },
      migrate: { how: 'none' },
      health: { url: 'http://127.0.0.1:3123/api/health', timeout: '20s', consecutive: 3 },
    });
    expect(await readFile(join(example.releases, '1.3.0.yaml'), 'utf8')).toContain('2018');
  });

  it('refuses a folder that holds a copy already', async () => {
    await prepareExample(folder, base);
    await expect(prepareExample(folder, base)).rejects.toThrow('EEXIST');
  });
});
