import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { idleMs, untilIdle } from './idle.ts';

test.each([
  [undefined, 30],
  ['', 30],
  ['5', 5],
  ['0.5', 0.5],
  ['0', 30],
  ['-1', 30],
  ['soon', 30],
])('BELAY_IDLE_MINUTES=%j is %s minutes', (text, minutes) => {
  expect(idleMs(text === undefined ? {} : { BELAY_IDLE_MINUTES: text })).toBe(minutes * 60_000);
});

describe('an engine', () => {
  let folder: string;
  let touchedFile: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'belay-idle-'));
    touchedFile = join(folder, 'engine.json');
    await writeFile(touchedFile, '');
  });

  afterEach(() => rm(folder, { recursive: true }));

  const forever = new AbortController().signal;
  const none = () => Promise.resolve(0);

  test('is idle when nothing is open and no command came', async () => {
    const started = Date.now();
    expect(await untilIdle({ idleMs: 120, countOpen: none, touchedFile, stop: forever })).toBe(
      true,
    );
    expect(Date.now() - started).toBeGreaterThanOrEqual(115);
  });

  test('is busy while an operation is open, and for the whole time after', async () => {
    let looks = 0;
    let lastOpen = 0;
    const countOpen = () => {
      looks += 1;
      if (looks > 8) return Promise.resolve(0);
      lastOpen = Date.now();
      return Promise.resolve(1);
    };
    await untilIdle({ idleMs: 100, countOpen, touchedFile, stop: forever });
    expect(lastOpen).toBeGreaterThan(0);
    expect(Date.now() - lastOpen).toBeGreaterThanOrEqual(100);
  });

  test('is busy when it can not be known, and when commands come', async () => {
    const stop = AbortSignal.timeout(300);
    const unknown = () => Promise.reject(new Error('away'));
    expect(await untilIdle({ idleMs: 100, countOpen: unknown, touchedFile, stop })).toBe(false);
    const inAnHour = new Date(Date.now() + 3_600_000);
    await utimes(touchedFile, inAnHour, inAnHour);
    const stopLater = AbortSignal.timeout(300);
    expect(await untilIdle({ idleMs: 100, countOpen: none, touchedFile, stop: stopLater })).toBe(
      false,
    );
  });
});
