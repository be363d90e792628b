import { CancelledFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { failure } from '../domain/errors.ts';
import { rememberSecret } from '../process/redact.ts';
import { toFailure } from './context.ts';

const calm = new AbortController().signal;
const patience = { attempt: 1, waitedMs: 0, patienceMs: 60_000 };
const shaped = (error: unknown, change = {}) =>
  toFailure(error, calm, { ...patience, ...change }) as Error & {
    nonRetryable?: boolean;
    details?: unknown[];
  };

describe('toFailure', () => {
  it.each(['release', 'request', 'claim', 'unknown'] as const)('never retries %s', (fault) => {
    const found = shaped(failure(fault, 'code', 'message', 'remedy'));
    expect(found).toMatchObject({ type: fault, nonRetryable: true });
    expect(found.details).toEqual([[{ code: 'code', message: 'message', remedy: 'remedy' }]]);
  });

  it('retries the environment until the patience is exhausted, but at least four times', () => {
    const error = failure('environment', 'registry', 'down', 'wait');
    expect(shaped(error).nonRetryable).toBe(false);
    expect(shaped(error, { waitedMs: 61_000, attempt: 3 }).nonRetryable).toBe(false);
    expect(shaped(error, { waitedMs: 59_000, attempt: 9 }).nonRetryable).toBe(false);
    expect(shaped(error, { waitedMs: 61_000, attempt: 4 }).nonRetryable).toBe(true);
  });

  it('blames a full disk on the environment, wherever it shows', () => {
    const error = Object.assign(new Error('write'), { code: 'ENOSPC', path: '/data/x' });
    const found = shaped(error);
    expect(found).toMatchObject({ type: 'environment', nonRetryable: false });
    expect(found.message).toContain('/data/x');
  });

  it('calls what nobody foresaw unknown, without its secrets', () => {
    rememberSecret('hunter2-very-secret');
    const found = shaped(new TypeError('cannot read hunter2-very-secret'));
    expect(found).toMatchObject({ type: 'unknown', nonRetryable: true });
    expect(found.message).not.toContain('hunter2');
  });

  it('is over when it was cancelled, and goes elsewhere when the worker stops', () => {
    const stopped = (reason: string) => {
      const controller = new AbortController();
      controller.abort(new CancelledFailure(reason));
      return toFailure(new Error('aborted'), controller.signal, patience);
    };
    expect(stopped('CANCELLED')).toBeInstanceOf(CancelledFailure);
    expect(stopped('WORKER_SHUTDOWN')).toMatchObject({ type: 'environment', nonRetryable: false });
  });
});
