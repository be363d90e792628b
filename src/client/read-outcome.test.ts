import { ApplicationFailure, TerminatedFailure, WorkflowFailedError } from '@temporalio/client';
import { expect, test } from 'vitest';
import type { Outcome } from '../domain/operation.ts';
import { endedOutside, isOutcome, outcomeOfFailure } from './read-outcome.ts';

const refused: Outcome = {
  outcome: 'refused',
  deployment: 'acme',
  operation: 'upgrade',
  reasons: [],
  proven: true,
  evidence: [],
  startedAt: '2026-03-26T10:00:00.000Z',
  endedAt: '2026-03-26T10:00:00.000Z',
};

const failed = (cause: Error) => new WorkflowFailedError('failed', cause, 'NON_RETRYABLE_FAILURE');

test.each([
  [refused, true],
  [{ ...refused, outcome: 'fine' }, false],
  [{ ...refused, reasons: 'none' }, false],
  [null, false],
  ['refused', false],
])('%j', (value, is) => {
  expect(isOutcome(value)).toBe(is);
});

test('a refusal carries its outcome; other failures carry none', () => {
  const nonRetryable = (...args: Parameters<typeof ApplicationFailure.nonRetryable>) =>
    ApplicationFailure.nonRetryable(...args);
  expect(outcomeOfFailure(failed(nonRetryable('no', 'Refused', refused)))).toEqual(refused);
  expect(outcomeOfFailure(failed(nonRetryable('no', 'Parked', refused)))).toEqual(refused);
  expect(outcomeOfFailure(failed(nonRetryable('no', 'Other', refused)))).toBeUndefined();
  expect(outcomeOfFailure(failed(nonRetryable('no', 'Refused', 'text')))).toBeUndefined();
  expect(outcomeOfFailure(new Error('x'))).toBeUndefined();
});

test('an end from outside says that the claim stays', () => {
  const error = endedOutside('acme', failed(new TerminatedFailure('by hand')));
  expect(error).toMatchObject({ fault: 'unknown', code: 'ended-outside' });
  expect(error.message).toContain('by hand');
  expect(error.remedy).toContain('claim');
});
