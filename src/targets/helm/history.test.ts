import { describe, expect, it } from 'vitest';
import { deployedOf, historyMax, isUsable, type HelmRevision } from './history.ts';

const entry = (
  revision: number,
  status: string,
  description = 'Upgrade complete',
): HelmRevision => ({
  revision,
  status,
  description,
  updated: '2026-03-26T10:00:00.000Z',
  chart: 'web-1',
  appVersion: '1',
});

describe('the revision that serves', () => {
  it.each<readonly [string, readonly HelmRevision[], number | undefined]>([
    ['the deployed one', [entry(1, 'superseded'), entry(2, 'deployed')], 2],
    ['also under a failed one', [entry(1, 'deployed'), entry(2, 'failed')], 1],
    [
      'the newest that served, where a failed rollback left none deployed',
      [
        entry(1, 'superseded'),
        entry(2, 'superseded'),
        entry(3, 'failed', 'Rollback "web" failed: x'),
      ],
      2,
    ],
    [
      'not one that was superseded as a failure',
      [
        entry(1, 'superseded'),
        entry(2, 'superseded', 'Upgrade "web" failed: x'),
        entry(3, 'failed'),
      ],
      1,
    ],
    [
      'nor one that was never finished',
      [entry(1, 'superseded'), entry(2, 'superseded', 'Preparing upgrade'), entry(3, 'failed')],
      1,
    ],
    [
      'none of a first installation',
      [entry(1, 'pending-install', 'Initial install underway')],
      undefined,
    ],
    ['none of what was removed', [entry(1, 'superseded'), entry(2, 'uninstalled')], undefined],
    ['none without a history', [], undefined],
  ])('is %s', (_, history, expected) => {
    expect(deployedOf(history)?.revision).toBe(expected);
  });
});

it('what is gone back to has served', () => {
  const all = [
    entry(1, 'superseded', 'Install complete'),
    entry(2, 'superseded', 'belay upgrade 1.2.2 → 1.3.0 (run r)'),
    entry(3, 'superseded', 'Rollback "web" failed: conflict'),
    entry(4, 'failed'),
    entry(5, 'superseded', 'Rollback to 1'),
    entry(6, 'deployed'),
    entry(7, 'pending-upgrade'),
  ];
  expect(all.filter(isUsable).map(({ revision }) => revision)).toEqual([1, 2, 5, 6]);
});

describe('how much history is kept', () => {
  const history = Array.from({ length: 12 }, (_, at) => entry(at + 1, 'superseded'));

  it.each<readonly [string, number, number]>([
    ['what helm keeps', Infinity, 10],
    ['no less for a recent point', 11, 10],
    ['as much as an old point needs, and what the next call adds', 1, 14],
  ])('%s', (_, oldest, expected) => {
    expect(historyMax(history, oldest)).toBe(expected);
  });
});
