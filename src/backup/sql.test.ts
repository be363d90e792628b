import { describe, expect, it } from 'vitest';
import { redact, rememberSecret } from '../process/redact.ts';
import { dumpApplicationName, fromRedactionProof, withLiterals } from './sql.ts';

describe('withLiterals', () => {
  it.each([
    ['select $1::int', [42], "select '42'::int"],
    ['select $1, $2', ["O'Brien", 'a\\b'], "select 'O''Brien', E'a\\\\b'"],
    ['select $2, $1', [1, 2], "select '2', '1'"],
    ['= any($1::int[])', [[1, 2]], "= any(array['1', '2']::int[])"],
    ['= any($1::text[])', [[]], "= any('{}'::text[])"],
  ] as const)('%s', (sql, values, expected) => {
    expect(withLiterals(sql, values)).toBe(expected);
  });

  it('refuses a placeholder without a value', () => {
    expect(() => withLiterals('select $2', ['only one'])).toThrow('$2');
  });
});

it('an answer in three digits a line survives redaction', () => {
  const json = '[{"version":"2018"}]';
  const hex = Buffer.from(json).toString('hex');
  rememberSecret(hex.slice(10, 20));
  const printed = `${hex.replaceAll(/(...)/g, '$1\n')}\n`;
  expect(redact(hex)).not.toBe(hex);
  expect(fromRedactionProof(redact(printed))).toBe(json);
});

it('an application name fits into what Postgres keeps', () => {
  expect(dumpApplicationName('0b54c5e1-run')).toBe('belay-0b54c5e1-run');
  expect(dumpApplicationName(`ü ${'x'.repeat(80)}`)).toMatch(/^belay-__x{55}$/);
});
