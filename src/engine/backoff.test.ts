import { expect, test } from 'vitest';
import { Backoff, pauseMs } from './backoff.ts';

test.each([
  [1, 500],
  [2, 1_000],
  [3, 2_000],
  [6, 16_000],
  [7, 30_000],
  [1_000, 30_000],
])('after failure %i it pauses %i ms', (failures, ms) => {
  expect(pauseMs(failures)).toBe(ms);
});

test('a stop ends the pause at once, without an error', async () => {
  const backoff = new Backoff();
  for (let failures = 1; failures < 10; failures++) await backoff.wait(AbortSignal.abort());
  const started = performance.now();
  await backoff.wait(AbortSignal.timeout(20));
  expect(performance.now() - started).toBeLessThan(20_000);
});
