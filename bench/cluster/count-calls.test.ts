import { expect, test } from 'vitest';
import { watching } from './count-calls.ts';

const at = (second: number) => new Date(second * 1_000).toISOString();
const timeline = [
  { at: at(0), phase: 'backup' },
  { at: at(1), phase: 'swap' },
  { at: at(6), phase: 'migrate' },
];
const call = (second: number, agent: string, what = 'GET /pods') => ({
  atMs: second * 1_000,
  agent,
  what,
});

test('whole seconds count from helm’s last change to the end of the swap', () => {
  const calls = [
    ...[0.5, 1.5].map((second) => call(second, 'belay')),
    call(2, 'Helm/3', 'PUT /secrets'),
    call(2.1, 'Helm/3'),
    ...[2.2, 2.4, 2.6, 3.5, 4.5, 5.5, 5.6, 6.5].map((second) => call(second, 'belay')),
  ];
  expect(watching(calls, timeline)).toEqual({ perSecond: 1.5, busiestSecond: 3 });
});

test('a swap in which helm changed nothing is no measurement', () => {
  expect(() => watching([call(2, 'belay')], timeline)).toThrow(/changed nothing/);
});
