import { describe, expect, it } from 'vitest';
import { titleIn } from './incidents.ts';

describe('titleIn', () => {
  it('takes a title of 1 to 500 characters', () => {
    expect(titleIn({ title: 'disk full' })).toBe('disk full');
    expect(titleIn({ title: 'x'.repeat(500) })).toHaveLength(500);
  });

  it.each([
    undefined,
    null,
    'text',
    7,
    {},
    { title: 7 },
    { title: '' },
    { title: 'x'.repeat(501) },
  ])('takes nothing from %j', (body) => {
    expect(titleIn(body)).toBeUndefined();
  });
});
