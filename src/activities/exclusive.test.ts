import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { exclusively } from './exclusive.ts';

it('runs one act at a time per key, also after one that failed', async () => {
  const story: string[] = [];
  const act = (name: string, fails = false) =>
    exclusively('acme', async () => {
      story.push(`${name} begins`);
      await sleep(5);
      story.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  const first = act('first', true);
  const second = act('second');
  await expect(first).rejects.toThrow('first');
  await expect(second).resolves.toBe('second');
  expect(story).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});

it('lets different keys run beside each other', async () => {
  let release: () => void = () => undefined;
  const blocked = exclusively('a', () => new Promise<void>((resolve) => (release = resolve)));
  await expect(exclusively('b', () => Promise.resolve('b'))).resolves.toBe('b');
  release();
  await blocked;
});
