import { expect, test } from 'vitest';
import { addressesOf, firstFree } from './addresses.ts';

test.each([
  [[], 0],
  [['default', '192.0.2.0/24'], 0],
  [['10.213.0.0/30'], 1],
  [['10.213.0.2', '10.213.1.1/32'], 2],
  [['10.213.0.0/22'], 4],
  [['10.213.0.4/30'], 0],
])('with routes to %j the first free cluster is number %i', (routes, index) => {
  expect(firstFree(routes)).toEqual(addressesOf(index));
});

test('a network that covers all of them leaves none', () => {
  expect(firstFree(['10.0.0.0/8'])).toBeUndefined();
});

test('names of devices are short enough for the kernel', () => {
  expect(addressesOf(255).device.length).toBeLessThan(16);
});
