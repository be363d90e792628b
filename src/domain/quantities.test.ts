import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, parseDuration } from './quantities.ts';

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['3d', 259_200_000],
    ['1m500ms', 60_500],
    ['0s', 0],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    '',
    '90',
    '90 s',
    's',
    '-1s',
    '1.5h',
    '30m1h',
    '1e3s',
    '90S',
    '1h 30m',
    'm',
    '999999999s',
  ])('%j is no duration', (text) => expect(parseDuration(text)).toBeUndefined());
});

it.each([
  [0, '0ms'],
  [499.6, '500ms'],
  [4_230, '4.2s'],
  [30_000, '30s'],
  [90_000, '1m30s'],
  [7_200_000, '2h'],
  [90_061_000, '1d1h'],
])('formatDuration(%d) is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [4_230_000, '4.2 MB'],
  [999_990_000, '1.0 GB'],
  [5e15, '5000.0 TB'],
])('formatBytes(%d) is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
