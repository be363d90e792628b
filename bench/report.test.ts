import { expect, it } from 'vitest';
import { renderReport } from './report.ts';

it('prints the figures and where the time goes', () => {
  const times = { kind: 'upgrade', gapMs: 900, recoveryMs: 800 } as const;
  const report = renderReport({
    runs: [
      { ...times, contender: 'baseline', wallMs: 5_000 },
      {
        ...times,
        contender: 'belay',
        wallMs: 6_004,
        events: 99,
        phases: [{ phase: 'swap', ms: 700 }],
      },
      {
        ...times,
        contender: 'belay',
        wallMs: 8_000,
        events: 101,
        phases: [{ phase: 'swap', ms: 900 }],
      },
    ],
    footprint: { workerPeakBytes: 360e6, serverPeakBytes: 1, idlePercent: 1.25 },
  });
  expect(report.split('\n')).toEqual([
    '| figure | baseline: median (min–max, runs) | belay: median (min–max, runs) | belay against it | asked | |',
    '| --- | --- | --- | --- | --- | --- |',
    '| upgrade: wall time | 5.00 s | 7.00 s (6.00–8.00, 2) | +2.00 s | ≤ baseline + 2 s | ✗ |',
    '| upgrade: longest gap in answers | 0.90 s | 0.90 s (0.90–0.90, 2) | +0.00 s | ≤ baseline + max(5 %, 150 ms) | ✓ |',
    '| history of an upgrade |  | 100 events (99–101, 2) |  | ≤ 120 events | ✓ |',
    '| worker memory, peak resident since its start |  | 360 MB |  | ≤ 350 MB | ✗ |',
    '| idle engine and worker, of one core |  | 1.3 % |  | < 5 % | ✓ |',
    '',
    '| where belay’s time goes | upgrade | crashing release |',
    '| --- | --- | --- |',
    '| swap | 0.80 s (0.70–0.90, 2) |  |',
    '',
  ]);
});
