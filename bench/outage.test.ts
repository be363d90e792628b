import { describe, expect, it } from 'vitest';
import { longestOutage, type Probe } from './outage.ts';

const probe = (sentAtMs: number, endedAtMs: number, version?: string): Probe => ({
  sentAtMs,
  endedAtMs,
  version,
});

describe('longestOutage', () => {
  it('is the time between two healthy answers, and recovery counts from the first failure', () => {
    const probes = [
      probe(0, 2, '1.2.2'),
      probe(10, 12, '1.2.2'),
      probe(20, 21),
      probe(30, 31),
      probe(40, 42, '1.3.0'),
      probe(50, 52, '1.3.0'),
    ];
    expect(longestOutage(probes)).toEqual({
      gapMs: 30,
      recoveryMs: 22,
      before: '1.2.2',
      after: '1.3.0',
    });
  });

  it('takes the longest of several', () => {
    const probes = [
      probe(0, 1, 'a'),
      probe(10, 11),
      probe(20, 21, 'a'),
      probe(30, 31),
      probe(40, 41),
      probe(50, 51, 'b'),
      probe(60, 61, 'b'),
    ];
    expect(longestOutage(probes)).toMatchObject({ gapMs: 30, recoveryMs: 21, after: 'b' });
  });

  it('is not misled by a probe that hangs while later ones are answered', () => {
    const probes = [
      probe(0, 1, 'a'),
      probe(2, 500),
      probe(10, 11, 'a'),
      probe(20, 21, 'a'),
      probe(30, 31, 'a'),
    ];
    expect(longestOutage(probes)).toMatchObject({ gapMs: 10, recoveryMs: 0 });
  });

  it('counts a failure that was sent before the last healthy answer from that answer on', () => {
    const probes = [probe(0, 8, 'a'), probe(5, 20), probe(30, 40, 'b')];
    expect(longestOutage(probes)).toMatchObject({ gapMs: 32, recoveryMs: 32 });
  });

  it('says when hardly anything was answered', () => {
    expect(() => longestOutage([probe(0, 1), probe(2, 3, 'a')])).toThrow('only 1 of 2 probes');
  });
});
