import { describe, expect, it } from 'vitest';
import { isStopped, startPatch, stopPatch } from './scale.ts';
import type { Workload, WorkloadKind } from './workloads.ts';

const NOTE = 'belay.dev/before-stop';
const NOWHERE = 'belay.dev/stopped';

const workload = (
  kind: WorkloadKind,
  desired: number,
  noted?: string,
  selector = {},
): Workload => ({
  ref: { kind, name: 'web' },
  uid: 'u',
  desired,
  ready: 0,
  updated: 0,
  available: 0,
  current: 0,
  observed: true,
  paused: false,
  strategy: 'RollingUpdate',
  selector: {},
  template: { spec: { containers: [], nodeSelector: selector } },
  metadata: noted === undefined ? {} : { annotations: { [NOTE]: noted } },
});

describe('stopping', () => {
  it('notes the live count in the write that scales', () => {
    expect(stopPatch(workload('Deployment', 5))).toEqual({
      metadata: { annotations: { [NOTE]: '{"replicas":5}' } },
      spec: { replicas: 0 },
    });
  });

  it('leaves the pods of a DaemonSet no node', () => {
    expect(stopPatch(workload('DaemonSet', 3))).toEqual({
      metadata: { annotations: { [NOTE]: '{}' } },
      spec: { template: { spec: { nodeSelector: { [NOWHERE]: 'true' } } } },
    });
  });

  it.each([
    ['was never stopped', workload('Deployment', 3), false],
    ['is stopped', workload('Deployment', 0, '{"replicas":3}'), true],
    ['was brought back by hand', workload('StatefulSet', 2, '{"replicas":3}'), false],
    ['is a stopped DaemonSet', workload('DaemonSet', 0, '{}', { [NOWHERE]: 'true' }), true],
    ['is a DaemonSet brought back by hand', workload('DaemonSet', 1, '{}', { disk: 'ssd' }), false],
  ])('knows one that %s', (_, given, expected) => {
    expect(isStopped(given)).toBe(expected);
  });
});

describe('starting', () => {
  it.each([
    ['the count there was', workload('StatefulSet', 0, '{"replicas":3}'), { replicas: 3 }],
    ['none where there was none', workload('Deployment', 0, '{"replicas":0}'), { replicas: 0 }],
    [
      'a DaemonSet by removing what was added',
      workload('DaemonSet', 0, '{}', { [NOWHERE]: 'true', disk: 'ssd' }),
      { template: { spec: { nodeSelector: { [NOWHERE]: null } } } },
    ],
  ])('brings back %s', (_, given, spec) => {
    expect(startPatch(given)).toEqual({ metadata: { annotations: { [NOTE]: null } }, spec });
  });

  it('only forgets the note of one that was brought back by hand', () => {
    expect(startPatch(workload('Deployment', 7, '{"replicas":3}'))).toEqual({
      metadata: { annotations: { [NOTE]: null } },
    });
  });

  it.each(['', 'x', '{"replicas":-1}', '{"replicas":"3"}'])(
    'refuses to guess from "%s"',
    (noted) => {
      expect(() => startPatch(workload('Deployment', 0, noted))).toThrow(/Deployment\/web/);
    },
  );
});
