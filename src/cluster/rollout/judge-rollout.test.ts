import type { V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import type { Workload } from '../workloads.ts';
import {
  judgeRollout,
  startRollout,
  type RolloutMemory,
  type RolloutView,
} from './judge-rollout.ts';

const NEW = `sha256:${'a'.repeat(64)}`;
const settings = { maxRestarts: 2, graceMs: 120_000, progressMs: 600_000 };
const ref = { kind: 'Deployment', name: 'web' } as const;
const goal = [{ ref, images: { web: [NEW] } }];

const workload = (changed: Partial<Workload> = {}): Workload => ({
  ref,
  uid: 'u',
  desired: 2,
  ready: 2,
  updated: 2,
  available: 2,
  current: 2,
  observed: true,
  paused: false,
  strategy: 'RollingUpdate',
  selector: {},
  template: { spec: { containers: [{ name: 'web', image: 'web:2' }] } },
  metadata: {},
  ...changed,
});

const pod = (
  image: string,
  changed: { ready?: boolean; imageID?: string; reason?: string } = {},
): V1Pod => {
  const { ready = true, imageID = `web@${NEW}`, reason } = changed;
  return {
    metadata: { name: `pod-${image}` },
    spec: { containers: [{ name: 'web', image }] },
    status: {
      startTime: new Date(),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [
        {
          name: 'web',
          image,
          imageID,
          ready,
          restartCount: 0,
          state:
            reason === undefined
              ? { running: {} }
              : { waiting: { reason, message: ': not found' } },
        },
      ],
    },
  };
};

const view = (nowMs: number, one: Workload, pods: readonly V1Pod[]): RolloutView => ({
  nowMs,
  workloads: [one],
  pods: new Map([['Deployment/web', pods]]),
});

/** The verdicts of polls at these seconds, always seeing the same. */
function verdicts(seconds: readonly number[], one: Workload, pods: readonly V1Pod[]): string[] {
  let memory: RolloutMemory = startRollout(0);
  return seconds.map((second) => {
    const step = judgeRollout(goal, view(second * 1_000, one, pods), settings, memory);
    memory = step.memory;
    const { verdict } = step;
    return verdict.is === 'failed' ? `${verdict.fault} ${verdict.code}` : verdict.is;
  });
}

describe('a rollout', () => {
  it('is done when every pod is new, ready and of the planned image', () => {
    expect(verdicts([0], workload(), [pod('web:2'), pod('web:2')])).toEqual(['done']);
  });

  it.each([
    ['the controller has not seen the change', { observed: false }, [pod('web:2'), pod('web:2')]],
    ['an old pod is left', {}, [pod('web:2'), pod('web:2'), pod('web:1')]],
    ['an old replica counts', { current: 3 }, [pod('web:2'), pod('web:2')]],
    ['a pod is not ready', { available: 1 }, [pod('web:2'), pod('web:2', { ready: false })]],
    ['the counts lag behind the pods', {}, [pod('web:2'), pod('web:2', { ready: false })]],
  ])('goes on while %s', (_, changed, pods) => {
    expect(verdicts([0, 5], workload(changed), pods)).toEqual(['waiting', 'waiting']);
  });

  it('fails at once, once it is sure, when the image is not there', () => {
    const pods = [pod('web:2', { ready: false, imageID: '', reason: 'ErrImagePull' })];
    expect(verdicts([0, 0.7, 1.4], workload({ available: 1, updated: 1 }), pods)).toEqual([
      'waiting',
      'waiting',
      'release image-not-found',
    ]);
  });

  it('fails when a pod runs another image than planned', () => {
    const moved = pod('web:2', { imageID: `web@sha256:${'b'.repeat(64)}` });
    expect(verdicts([0, 2], workload(), [moved, pod('web:2')]).at(-1)).toBe('release wrong-image');
  });

  it('gives what may pass its grace, and forgets it when it has passed', () => {
    const away = pod('web:2', { ready: false, imageID: '', reason: 'RegistryUnavailable' });
    const status = away.status?.containerStatuses?.[0]?.state?.waiting;
    if (status) status.message = '503 Service Unavailable';
    expect(verdicts([0, 60, 119, 121], workload({ available: 1 }), [away])).toEqual([
      'waiting',
      'waiting',
      'waiting',
      'environment image-pull',
    ]);
    let memory = startRollout(0);
    for (const [second, pods] of [
      [0, [away]],
      [100, [pod('web:2')]],
      [130, [away]],
    ] as const)
      ({ memory } = judgeRollout(
        goal,
        view(second * 1_000, workload({ available: 1 }), pods),
        settings,
        memory,
      ));
    expect(Object.values(memory.since)).toEqual([130_000]);
  });

  it('is stuck when nothing moves for the shorter of the two deadlines', () => {
    const pods = [pod('web:2', { ready: false }), pod('web:2')];
    const seen = verdicts([0, 29, 31], workload({ available: 1, progressMs: 30_000 }), pods);
    expect(seen).toEqual(['waiting', 'waiting', 'release rollout-stuck']);
  });

  it('tells quota from an admission’s no', () => {
    const refused = (cannotCreate: string) =>
      verdicts([0, 121], workload({ available: 1, cannotCreate }), [pod('web:2')]).at(-1);
    expect(refused('pods "web" is forbidden: exceeded quota: small')).toBe(
      'environment pods-refused',
    );
    expect(refused('admission webhook "x" denied the request')).toBe('release pods-refused');
  });

  it('does not wait for what is paused', () => {
    expect(verdicts([0, 2], workload({ paused: true }), [pod('web:2')]).at(-1)).toBe(
      'request rollout-paused',
    );
  });
});
