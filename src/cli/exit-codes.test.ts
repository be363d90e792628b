import { expect, test } from 'vitest';
import { failure } from '../domain/errors.ts';
import type { Fault } from '../domain/errors.ts';
import { exitCodeOfEnding, exitCodeOfError, Interrupted } from './exit-codes.ts';

test.each([
  ['succeeded', 0],
  ['rolled-back', 3],
  ['parked', 4],
  ['refused', 5],
] as const)('%s exits with %i', (ending, code) => {
  expect(exitCodeOfEnding(ending)).toBe(code);
});

test.each<[Fault, string, number]>([
  ['request', 'unknown-deployment', 2],
  ['request', 'message-refused', 5],
  ['request', 'not-open', 5],
  ['claim', 'operation-open', 5],
  ['environment', 'temporal-unreachable', 1],
  ['unknown', 'ended-outside', 1],
])('an error by %s, %s, exits with %i', (fault, code, exitCode) => {
  expect(exitCodeOfError(failure(fault, code, 'm', 'r'))).toBe(exitCode);
});

test('any other error is our own; Ctrl-C is neither', () => {
  expect(exitCodeOfError(new TypeError('x'))).toBe(1);
  expect(exitCodeOfError('x')).toBe(1);
  expect(exitCodeOfError(new Interrupted())).toBe(130);
});
