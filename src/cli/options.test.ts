import { expect, test } from 'vitest';
import { checkName, checkText, defaultBy, durationOption } from './options.ts';

test('who asks is user@host; through sudo the user who called it', () => {
  expect(defaultBy({})).toMatch(/^[^@]+@[^@]+$/);
  expect(defaultBy({ SUDO_USER: 'ada' })).toMatch(/^ada@/);
});

test.each(['a/b', '..', 'a b', 'A', '', 'a'.repeat(300)])('%j is no name', (name) => {
  expect(() => checkName(name)).toThrow('The deployment name');
});

test('durations have units', () => {
  expect(durationOption('--soak', '1m30s')).toBe(90_000);
  expect(() => durationOption('--soak', '5')).toThrow('--soak is "5", which is no duration');
});

test('an option that is given is not blank', () => {
  expect(() => checkText('--by', ' ')).toThrow('--by is empty');
  checkText('--by', undefined);
  checkText('--by', 'me');
});
