import { describe, expect, it } from 'vitest';
import { whyNotRequest } from './request.ts';

const messages = (kind: 'upgrade' | 'rollback' | 'plan', input: unknown) =>
  whyNotRequest(kind, input).map(({ message }) => message);

describe('whyNotRequest', () => {
  it('takes what the documentation shows', () => {
    expect(messages('upgrade', { deployment: 'acme', to: '1.3.0' })).toEqual([]);
    expect(messages('rollback', { deployment: 'acme' })).toEqual([]);
    expect(
      messages('upgrade', { deployment: 'acme', to: '1.3.0', soak: 0, window: 'now' }),
    ).toEqual([]);
  });

  it.each([[null], ['acme'], [[]], [undefined]])('names what is not an object: %j', (input) => {
    expect(messages('upgrade', input)).toEqual(['The input of upgrade is not a JSON object']);
  });

  it('tells all reasons at once', () => {
    expect(messages('upgrade', { to: '', soak: -1, restore: true })).toEqual([
      'The input of upgrade has "to" that is not a version such as "1.3.0" (letters, digits, ".", "_", "-"; at most 128)',
      'The input of upgrade has "soak" that is not a number of milliseconds, 0 or more',
      'The input of upgrade has an unknown field "restore"',
      'The input of upgrade lacks "deployment"',
    ]);
  });

  it('knows no fields from the prototype', () => {
    expect(messages('rollback', { deployment: 'acme', toString: 'x' })).toEqual([
      'The input of rollback has an unknown field "toString"',
    ]);
  });
});
