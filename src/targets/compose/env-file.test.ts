import { describe, expect, test } from 'vitest';
import { lastEntry, parseEnvFile } from './env-file.ts';

describe('parseEnvFile', () => {
  test.each([
    ['TAG=1.2', '1.2'],
    ['TAG=1.2\r\n', '1.2'],
    ['\uFEFFTAG=1.2', '1.2'],
    ['export TAG=1.2', '1.2'],
    ['  TAG = 1.2  ', '1.2'],
    ['TAG: 1.2', '1.2'],
    ['TAG="1.2" # why', '1.2'],
    ["TAG='1.2'", '1.2'],
    ['TAG=1.2 # why', '1.2'],
    ['TAG=1.2#not-a-comment', '1.2#not-a-comment'],
    ['TAG=', ''],
    ['TAG=""', ''],
    ['# TAG=9\n\nTAG=1.2\n#TAG=8', '1.2'],
    ['A="x\ny"\nTAG=1.2', '1.2'],
    ["A='it\\'s'\nTAG=1.2", '1.2'],
    ['BARE\nTAG=1.2', '1.2'],
  ])('%j', (text, value) => {
    const file = parseEnvFile(text);
    expect(file.broken).toBeUndefined();
    const entry = lastEntry(file, 'TAG');
    expect(entry).toMatchObject({ value });
    expect(entry?.notSimple).toBeUndefined();
    // The place is exact: an edit replaces these characters and no other.
    expect(text.slice(entry?.start, entry?.end)).toBe(value);
  });

  test.each([
    ['TAG=${BASE}.1', /other variables/],
    ['TAG="$BASE"', /other variables/],
    ['TAG="a\\tb"', /escapes/],
    ['TAG="1" x', /behind its closing quote/],
    ['TAG="1\n2"', /several lines/],
  ])('%j is not simple', (text, why) =>
    expect(lastEntry(parseEnvFile(text), 'TAG')?.notSimple).toMatch(why),
  );

  test('a dollar in single quotes is a dollar', () => {
    expect(lastEntry(parseEnvFile("P='a$b'"), 'P')).toMatchObject({ value: 'a$b' });
    expect(lastEntry(parseEnvFile("P='a$b'"), 'P')?.notSimple).toBeUndefined();
  });

  test.each([
    ['A=1\n= x', 2],
    ['A=1\nB="open', 2],
    ['what is this', 1],
  ])('%j is broken at line %i', (text, line) => expect(parseEnvFile(text).broken?.line).toBe(line));

  test('the last of several counts', () => {
    const file = parseEnvFile('TAG=1\nTAG=2\n');
    expect(file.entries).toHaveLength(2);
    expect(lastEntry(file, 'TAG')).toMatchObject({ value: '2', line: 2 });
  });
});
