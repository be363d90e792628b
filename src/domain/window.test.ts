import { describe, expect, it } from 'vitest';
import { msUntilOpen } from './window.ts';

const HOUR = 3_600_000;
const at = (iso: string) => Date.parse(iso);

describe('msUntilOpen', () => {
  const night = { from: '22:00', to: '04:00', timeZone: 'Europe/Berlin' };

  it.each([
    ['2026-01-10T21:30:00Z', 0],
    ['2026-01-11T02:59:59Z', 0],
    ['2026-01-11T03:00:00Z', 18 * HOUR],
    ['2026-01-10T20:59:30Z', 30_000],
    // Summer time: 22:00 in Berlin is 20:00 UTC.
    ['2026-07-10T20:00:00Z', 0],
    ['2026-07-10T19:00:00Z', HOUR],
  ])('%s → %d ms', (now, wait) => {
    expect(msUntilOpen(night, at(now))).toBe(wait);
  });

  it('finds a window that a spring-forward night begins in', () => {
    const early = { from: '03:00', to: '05:00', timeZone: 'Europe/Berlin' };
    // 2026-03-29 01:00Z: clocks jump from 02:00 to 03:00.
    expect(msUntilOpen(early, at('2026-03-29T00:30:00Z'))).toBe(HOUR / 2);
  });
});
