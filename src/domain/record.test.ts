import { describe, expect, it } from 'vitest';
import { parseHistoryLine, previousByHistory, renderHistoryLine, stampOf } from './record.ts';
import type { HistoryLine } from './record.ts';

const documented = [
  '20260326T100000 1.2.2 -> 1.3.0 SUCCESS log:/var/log/atlas/upgrade-20260326T100000.log',
  '20260326T120000 ROLLBACK 1.3.0 -> 1.2.2 log:/var/log/atlas/rollback-20260326T120000.log',
  '20260326T130000 1.2.2 -> 1.3.1 ROLLEDBACK log:/x.log',
  '20260326T140000 1.2.2 -> 1.3.1 KEPT log:/x.log',
];
const parsed = (lines: readonly string[]): HistoryLine[] =>
  lines.map((line) => parseHistoryLine(line)).filter((line) => line !== undefined);

describe('history lines', () => {
  it.each(documented)('renders what it parsed: %s', (line) => {
    const [found] = parsed([line]);
    expect(found && renderHistoryLine(found)).toBe(line);
  });

  it('leaves alone what it does not understand', () => {
    expect(parseHistoryLine('# a note of ours')).toBeUndefined();
  });

  it('stamps in UTC', () => {
    expect(stampOf('2026-03-26T10:00:00.123Z')).toBe('20260326T100000');
  });
});

describe('previousByHistory', () => {
  it('is the version that the newest upgrade to the current one came from', () => {
    expect(previousByHistory(parsed(documented.slice(0, 1)), '1.3.0')).toBe('1.2.2');
  });

  it('never toggles forward after a rollback', () => {
    expect(previousByHistory(parsed(documented.slice(0, 2)), '1.2.2')).toBeUndefined();
  });

  it('goes two back where two upgrades led here', () => {
    const lines = parsed([
      '20260101T000000 1.2.1 -> 1.2.2 SUCCESS log:/x',
      '20260102T000000 1.2.2 -> 1.3.0 SUCCESS log:/x',
      '20260103T000000 ROLLBACK 1.3.0 -> 1.2.2 log:/x',
    ]);
    expect(previousByHistory(lines, '1.2.2')).toBe('1.2.1');
  });

  it('does not count an upgrade that was taken back', () => {
    expect(previousByHistory(parsed(documented.slice(2, 3)), '1.2.2')).toBeUndefined();
  });
});
