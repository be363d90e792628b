import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTemporalBinary, temporalVersion } from './temporal-binary.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-binary-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function program(path: string, script = 'echo temporal version 1.2.3'): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

test('the variable wins, then PATH, then the newest of the cache', async () => {
  const named = await program('named');
  const onPath = await program('path/temporal');
  await program('cache/temporal-1.9.1/bin/temporal');
  const newest = await program('cache/temporal-1.10.0/bin/temporal');
  await program('cache/temporal-test-server-9/bin/temporal');
  const cache = { BELAY_CACHE: join(folder, 'cache') };
  const path = { ...cache, PATH: `relative:${dirname(onPath)}` };
  expect(await findTemporalBinary({ ...path, BELAY_TEMPORAL_BIN: named })).toBe(named);
  expect(await findTemporalBinary(path)).toBe(onPath);
  expect(await findTemporalBinary(cache)).toBe(newest);
});

test('none, or a wrong one, is said with what to do', async () => {
  await expect(findTemporalBinary({ BELAY_CACHE: folder, PATH: '' })).rejects.toMatchObject({
    code: 'temporal-missing',
    remedy: expect.stringContaining('npm run setup') as string,
  });
  await expect(findTemporalBinary({ BELAY_TEMPORAL_BIN: 'temporal' })).rejects.toThrow(
    'BELAY_TEMPORAL_BIN is "temporal"',
  );
});

test('its version is what it says; one that fails is broken', async () => {
  expect(await temporalVersion(await program('good'))).toBe('temporal version 1.2.3');
  const bad = await program('bad', 'echo no such lib >&2; exit 127');
  await expect(temporalVersion(bad)).rejects.toThrow('ended with 127: no such lib');
});
