import { describe, expect, it } from 'vitest';
import { diffObject } from './object-diff.ts';

const lines = (count: number, word: string) =>
  `${Array.from({ length: count }, (_, at) => `${word}${at}: ${word}`).join('\n')}\n`;

describe('the diff of an object', () => {
  it('shows what changes with a little around it', () => {
    expect(diffObject('Secret/a', 'a: 1\nb: 1\nc: 1\nd: 1\n', 'a: 1\nb: 1\nc: 1\nd: 2\n')).toBe(
      '--- Secret/a\n+++ Secret/a\n@@ -2,3 +2,3 @@\n b: 1\n c: 1\n-d: 1\n+d: 2\n',
    );
  });

  it('shows an object that is added, or removed', () => {
    expect(diffObject('A/a', '', 'a: 1\nb: 1\n')).toBe(
      '--- A/a\n+++ A/a\n@@ -0,0 +1,2 @@\n+a: 1\n+b: 1\n',
    );
    expect(diffObject('A/a', 'a: 1\n', '')).toBe('--- A/a\n+++ A/a\n@@ -1,1 +0,0 @@\n-a: 1\n');
  });

  it('stays short, and hangs on what it leaves out too', () => {
    const one = diffObject('A/a', '', `${lines(2_000, 'a')}z: 1\n`);
    const two = diffObject('A/a', '', `${lines(2_000, 'a')}z: 2\n`);
    expect(one.length).toBeLessThan(13_000);
    expect(one).toMatch(/\n… \d+ more lines \(sha256 [0-9a-f]{12}\)\n$/);
    expect(one).not.toBe(two);
  });

  it('does not look long for what two texts share', () => {
    const startedMs = Date.now();
    const text = diffObject('A/a', lines(20_000, 'a'), lines(20_000, 'b'));
    expect(Date.now() - startedMs).toBeLessThan(5_000);
    expect(text).toContain('@@ -1,20000 +1,20000 @@');
  });
});
