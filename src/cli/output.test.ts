import { expect, test } from 'vitest';
import { BelayError, failure } from '../domain/errors.ts';
import { rememberSecret } from '../process/redact.ts';
import { errorLines, errorObject, plain } from './output.ts';

const one = { code: 'a', message: 'first is wrong', remedy: 'mend it' };
const two = { code: 'b', message: 'second is wrong\nin two places', remedy: '' };

test('one reason is the error; several are listed too', () => {
  expect(errorObject(new BelayError('request', one))).toEqual({ error: one });
  expect(errorObject(new BelayError('request', [one, two]))).toEqual({
    error: { ...one, reasons: [one, two] },
  });
});

test('people read every reason with its remedy', () => {
  expect(errorLines(new BelayError('request', [one, two]), plain)).toEqual([
    '✗ first is wrong',
    '  → mend it',
    '✗ second is wrong\n  in two places',
  ]);
});

test('an unexpected error is internal, and no secret comes out', () => {
  rememberSecret('s3cret-value');
  const error = new Error('login with s3cret-value failed');
  expect(errorObject(error).error).toMatchObject({
    code: 'internal',
    message: 'login with *** failed',
  });
  expect(errorLines(error, plain)[0]).toMatch(/^belay failed: Error: login with \*\*\* failed/);
  expect(errorObject(failure('unknown', 'x', 's3cret-value', '')).error.message).toBe('***');
});
