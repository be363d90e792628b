import { access, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { healthFile } from './health-file.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-health-'));
});

afterAll(() => rm(folder, { recursive: true }));

test('the file is there while workers poll, with a date that stays new', async () => {
  const path = join(folder, 'health');
  const health = healthFile({ BELAY_HEALTH_FILE: path }, 10);
  await health.good();
  await utimes(path, 0, 0);
  await expect
    .poll(async () => Date.now() - (await stat(path)).mtimeMs, { timeout: 2_000 })
    .toBeLessThan(1_000);
  await health.gone();
  await sleep(30);
  await expect(access(path)).rejects.toThrow('ENOENT');
});

test('good twice and gone twice are as once', async () => {
  const health = healthFile({ BELAY_HEALTH_FILE: join(folder, 'twice') });
  await health.good();
  await health.good();
  await health.gone();
  await health.gone();
  await expect(access(join(folder, 'twice'))).rejects.toThrow('ENOENT');
});

test('one that an earlier process left is taken away', async () => {
  const path = join(folder, 'left');
  await writeFile(path, '1\n');
  await healthFile({ BELAY_HEALTH_FILE: path }).prepare();
  await expect(access(path)).rejects.toThrow('ENOENT');
});

test('a file that can’t be written is said at once, and later ends nothing', async () => {
  const health = healthFile({ BELAY_HEALTH_FILE: join(folder, 'no', 'such', 'folder') });
  await expect(health.prepare()).rejects.toMatchObject({ fault: 'request' });
  await health.good();
  await health.gone();
});

test('without a path nothing is written', async () => {
  const health = healthFile({});
  await health.prepare();
  await health.good();
  await health.gone();
});
