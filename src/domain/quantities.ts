/**
 * Durations and sizes as people write and read them.
 */

/** What a duration looks like: whole numbers with units, the largest first. */
export const DURATION_PATTERN =
  /^(?=\d)(?:\d{1,5}d)?(?:\d{1,5}h)?(?:\d{1,5}m(?!s))?(?:\d{1,5}s)?(?:\d{1,7}ms)?$/;

const UNITS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};

/** `90s`, `30m`, `1h30m`, `500ms`, `3d` → milliseconds; undefined when `text` is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION_PATTERN.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|[dhms])/g)].reduce(
    (sum, [, count = '0', unit = 'ms']) => sum + Number(count) * (UNITS[unit] ?? 0),
    0,
  );
}

/** Milliseconds → `500ms`, `4.2s`, `1m30s`, `2h`, `1d1h`: rounded to what matters at that size. */
export function formatDuration(ms: number): string {
  const rounded = Math.round(ms);
  if (rounded < 1_000) return `${rounded}ms`;
  if (rounded < 60_000) return `${Number((rounded / 1_000).toFixed(1))}s`;
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const;
  let rest = rounded;
  const parts = units.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return { unit, count };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ unit, count }) => `${count}${unit}`)
    .join('');
}

/** Bytes → `512 B`, `4.2 MB`, `1.3 GB`: decimal units, as registries and disks count. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${Math.round(bytes)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1_000;
  let at = 0;
  while (value >= 999.95 && at < units.length - 1) {
    value /= 1_000;
    at += 1;
  }
  return `${value.toFixed(1)} ${units[at] ?? ''}`;
}
