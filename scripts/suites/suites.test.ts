import { expect, test } from 'vitest';
import { selectSuites, suites } from './suites.ts';

test('every suite has a name of its own', () => {
  expect(new Set(suites.map((suite) => suite.name)).size).toBe(suites.length);
});

test('named suites run in the order of the table', () => {
  expect(selectSuites(['unit', 'types']).map((suite) => suite.name)).toEqual(['types', 'unit']);
  expect(selectSuites([])).toBe(suites);
});

test('an unknown name is refused, and the known ones are named', () => {
  expect(() => selectSuites(['unit', 'integraton'])).toThrow(
    /no suite is called integraton; there are types, .*integration/,
  );
});
