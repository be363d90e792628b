import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { withStackLock } from './lock.ts';

vi.stubEnv('XDG_STATE_HOME', `/nowhere/${process.pid}`);

test('one acts after the other, also when one fails', async () => {
  const events: string[] = [];
  const act = (name: string, fails: boolean) => async () => {
    events.push(`${name} in`);
    await sleep(120);
    events.push(`${name} out`);
    if (fails) throw new Error(name);
  };
  const results = await Promise.allSettled([
    withStackLock(act('first', true)),
    withStackLock(act('second', false)),
  ]);
  expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled']);
  expect(events).toEqual(['first in', 'first out', 'second in', 'second out']);
});

test('whoever waits too long is told', async () => {
  const holding = withStackLock(() => sleep(400));
  await expect(withStackLock(() => Promise.resolve(), 100)).rejects.toThrow(
    /another process has been changing the stack for 100 ms/,
  );
  await holding;
});
