/**
 * Maintenance windows: when the next change may begin. Pure; time zones by Intl, so that daylight saving is right.
 */
import type { WindowSettings } from './deployment.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** Milliseconds from `nowMs` until the window is open; 0 when it is open now. */
export function msUntilOpen(window: WindowSettings, nowMs: number): number {
  const from = minutesOf(window.from);
  const to = minutesOf(window.to);
  // Step by whole minutes of real time: a day of 23 or 25 hours needs no special case.
  const toNextMinute = MINUTE_MS - (nowMs % MINUTE_MS);
  if (isInside(localMinutes(nowMs, window.timeZone), from, to)) return 0;
  for (let minute = 0; minute <= DAY_MINUTES + 120; minute += 1) {
    const at = nowMs + toNextMinute + minute * MINUTE_MS;
    if (isInside(localMinutes(at, window.timeZone), from, to)) return at - nowMs;
  }
  return 0;
}

function isInside(now: number, from: number, to: number): boolean {
  return from <= to ? now >= from && now < to : now >= from || now < to;
}

function minutesOf(clock: string): number {
  const [hours = '0', minutes = '0'] = clock.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function localMinutes(atMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(atMs);
  return minutesOf(parts);
}
