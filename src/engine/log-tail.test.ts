import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lastLines } from './log-tail.ts';

test('the last telling lines since a position, without frames and passwords', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'belay-log-'));
  const file = join(folder, 'engine.log');
  try {
    expect(await lastLines(file, 2)).toBe('it wrote no log');
    await writeFile(file, 'old\nfirst\n\nsecond postgres://u:pa55@h/d\n    at frame (x.ts:1:1)\n');
    expect(await lastLines(file, 2)).toBe('first\nsecond postgres://u:***@h/d');
    expect(await lastLines(file, 9, 4)).toBe('first\nsecond postgres://u:***@h/d');
    expect(await lastLines(file, 9, 10_000)).toBe('it wrote nothing');
  } finally {
    await rm(folder, { recursive: true });
  }
});
