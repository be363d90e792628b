import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isLocked, takeLock } from './lock.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-lock-'));
  file = join(folder, 'engine.lock');
});

afterEach(() => rm(folder, { recursive: true }));

/** Another process that takes the lock and holds it until it is killed. */
async function holdElsewhere() {
  const script = `import { takeLock } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)};
    console.log((await takeLock(${JSON.stringify(file)})) ? 'held' : 'refused');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: said.toString().trim() };
}

describe('the lock', () => {
  test('is free where there is no file, and looking makes none', async () => {
    expect(isLocked(file)).toBe(false);
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });

  test('is held by one, and free again after its release', async () => {
    const lock = await takeLock(file);
    expect(lock).toBeDefined();
    expect(isLocked(file)).toBe(true);
    expect(await takeLock(file)).toBeUndefined();
    lock?.release();
    expect(isLocked(file)).toBe(false);
    (await takeLock(file))?.release();
  });

  test('ends with a holder that is killed: nothing is stale', async () => {
    const { child, said } = await holdElsewhere();
    expect(said).toBe('held');
    expect(isLocked(file)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isLocked(file)).toBe(false);
  });

  test('of ten processes at once, one gets it', async () => {
    const holders = await Promise.all(Array.from({ length: 10 }, holdElsewhere));
    const said = holders.map((holder) => holder.said).sort();
    for (const { child } of holders) child.kill('SIGKILL');
    expect(said).toEqual(['held', ...Array.from({ length: 9 }, () => 'refused')]);
  }, 30_000);

  test('is readable by its user alone', async () => {
    (await takeLock(file))?.release();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});
