import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import type { Workload } from '../workloads.ts';
import { judgeRollout, startRollout, type RolloutMemory } from './judge-rollout.ts';
import type { RolloutView } from './rollout-state.ts';

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
  changed: { ready?: boolean; imageID?: string; reason?: string; restarts?: number } = {},
): V1Pod => {
  const { ready = true, imageID = `web@${NEW}`, reason, restarts = 0 } = changed;
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
          restartCount: restarts,
          state:
            reason === undefined
              ? { running: {} }
              : { waiting: { reason, message: ': not found' } },
        },
      ],
    },
  };
};

const view = (
  nowMs: number,
  one: Workload,
  pods: readonly V1Pod[],
  warnings: readonly CoreV1Event[] = [],
): RolloutView => ({
  nowMs,
  workloads: [one],
  pods: new Map([['Deployment/web', pods]]),
  warnings,
});

/** The verdicts of polls at these seconds, always seeing the same. */
function verdicts(
  seconds: readonly number[],
  one: Workload,
  pods: readonly V1Pod[],
  warnings: readonly CoreV1Event[] = [],
): string[] {
  let memory: RolloutMemory = startRollout(0);
  return seconds.map((second) => {
    const step = judgeRollout(goal, view(second * 1_000, one, pods, warnings), settings, memory);
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

  it('is not done in the moment between two ends of a program', () => {
    const pods = [pod('web:2', { restarts: 1 }), pod('web:2')];
    expect(verdicts([0, 3, 9], workload(), pods)).toEqual(['waiting', 'waiting', 'done']);
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

  it('is not stuck for the deadline of a workload that is done', () => {
    const proxy = { kind: 'Deployment', name: 'proxy' } as const;
    const done = workload({ ref: proxy, desired: 1, updated: 1, current: 1, progressMs: 30_000 });
    const slow = workload({ available: 1 });
    const pods = new Map([
      ['Deployment/web', [pod('web:2', { ready: false }), pod('web:2')]],
      ['Deployment/proxy', [pod('web:2')]],
    ]);
    const both = [...goal, { ref: proxy, images: { web: [NEW] } }];
    let memory = startRollout(0);
    const seen = [0, 31, 599, 601].map((second) => {
      const at = { nowMs: second * 1_000, workloads: [done, slow], pods, warnings: [] };
      const step = judgeRollout(both, at, settings, memory);
      ({ memory } = step);
      return step.verdict.is;
    });
    expect(seen).toEqual(['waiting', 'waiting', 'waiting', 'failed']);
  });

  it('gives no time that something else was to blame for to the deadline', () => {
    const away = pod('web:2', { ready: false, imageID: '', reason: 'RegistryUnavailable' });
    const status = away.status?.containerStatuses?.[0]?.state?.waiting;
    if (status) status.message = '503 Service Unavailable';
    const slow = pod('web:2', { ready: false });
    const one = workload({ available: 1, progressMs: 30_000 });
    let memory = startRollout(0);
    const seen = (
      [
        [0, away],
        [100, away],
        [101, slow],
        [129, slow],
        [131, slow],
      ] as const
    ).map(([second, each]) => {
      const step = judgeRollout(goal, view(second * 1_000, one, [each]), settings, memory);
      ({ memory } = step);
      return step.verdict.is;
    });
    expect(seen).toEqual(['waiting', 'waiting', 'waiting', 'waiting', 'failed']);
  });

  it('is not moved on by pods that only go to and fro', () => {
    let memory = startRollout(0);
    const one = workload({ available: 1, progressMs: 30_000 });
    const seen = [0, 10, 20, 30, 40, 50].map((second) => {
      const pods = [pod('web:2'), pod('web:2', { ready: second % 20 === 0 })];
      const step = judgeRollout(goal, view(second * 1_000, one, pods), settings, memory);
      ({ memory } = step);
      return step.verdict.is;
    });
    expect(seen.slice(0, 3)).toEqual(['waiting', 'waiting', 'waiting']);
    expect(seen.slice(3)).toEqual(['failed', 'failed', 'failed']);
  });

  it.each([
    ['pods "web" is forbidden: exceeded quota: small', 'environment pods-refused', 120],
    ['failed calling webhook "x": connect: connection refused', 'environment pods-refused', 120],
    [
      'error looking up service account a/b: serviceaccount "b" not found',
      'release pods-refused',
      120,
    ],
    ['admission webhook "x" denied the request: no', 'release pods-refused', 1],
    ['pods "w" is forbidden: violates PodSecurity "restricted:latest"', 'release pods-refused', 1],
    [
      'pods "w" is forbidden: failed quota: q: must specify requests.cpu',
      'release pods-refused',
      1,
    ],
  ])('that may not make pods: %s', (cannotCreate, expected, afterS) => {
    const one = workload({ available: 1, cannotCreate });
    const seen = verdicts([0, afterS - 0.5, afterS], one, [pod('web:2')]);
    expect(seen).toEqual(['waiting', 'waiting', expected]);
  });

  it('hears of quota by an event, where the status does not say', () => {
    const events: CoreV1Event[] = [
      {
        metadata: {},
        involvedObject: { uid: 'u' },
        reason: 'FailedCreate',
        message: 'create Pod web-1 in StatefulSet web failed error: exceeded quota: small',
      },
    ];
    const missing = workload({ current: 1, updated: 1, available: 1, ready: 1 });
    expect(verdicts([0, 120], missing, [pod('web:2')], events).at(-1)).toBe(
      'environment pods-refused',
    );
    // An event of a trouble that is over.
    expect(verdicts([0, 120], workload(), [pod('web:2'), pod('web:2')], events)).toEqual([
      'done',
      'done',
    ]);
  });

  it('is the controller’s to take up before any pod is blamed', () => {
    const failing = [pod('web:2', { ready: false, imageID: '', reason: 'ErrImagePull' })];
    expect(verdicts([0, 5, 120], workload({ observed: false }), failing)).toEqual([
      'waiting',
      'waiting',
      'environment controller-silent',
    ]);
  });

  it('blames the node for a pod that it lost, and the release for one that its own readiness gate holds', () => {
    const [other, waiting] = [pod('web:2'), pod('web:2', { ready: false })];
    for (const each of [other, waiting]) each.spec = { ...each.spec!, nodeName: 'n' };
    other.status!.conditions = [
      { type: 'Ready', status: 'False' },
      { type: 'ContainersReady', status: 'True' },
    ];
    const one = workload({ available: 0 });
    expect(verdicts([0, 120], one, [other, waiting]).at(-1)).toBe('environment node-silent');
    for (const each of [other, waiting])
      each.spec = { ...each.spec!, readinessGates: [{ conditionType: 'x' }] };
    expect(verdicts([0, 120, 600], one, [other, waiting])).toEqual([
      'waiting',
      'waiting',
      'release rollout-stuck',
    ]);
  });

  it('tells new pods from old ones of the same image by the controller’s label', () => {
    const one = workload({ newest: { label: 'pod-template-hash', value: 'new' } });
    const [fresh, old] = [pod('web:2'), pod('web:2', { ready: false, reason: 'ErrImagePull' })];
    fresh.metadata!.labels = { 'pod-template-hash': 'new' };
    old.metadata!.labels = { 'pod-template-hash': 'failed' };
    expect(verdicts([0, 5], one, [fresh, fresh, old])).toEqual(['waiting', 'waiting']);
    expect(verdicts([0], one, [fresh, fresh])).toEqual(['done']);
    // An admission wrote a mirror's name into the pods.
    const mirrored = pod('mirror/web:2');
    mirrored.metadata!.labels = fresh.metadata!.labels;
    expect(verdicts([0], one, [mirrored, mirrored])).toEqual(['done']);
  });

  it('leaves out pods that are ending or over, and says so', () => {
    const ending = pod('web:1');
    ending.metadata!.deletionTimestamp = new Date();
    const evicted = pod('web:1');
    evicted.status!.phase = 'Failed';
    expect(verdicts([0], workload(), [pod('web:2'), pod('web:2'), ending, evicted])).toEqual([
      'done',
    ]);
    const slow = [pod('web:2'), pod('web:2', { ready: false }), ending];
    const { verdict } = judgeRollout(
      goal,
      view(0, workload({ available: 1 }), slow, [
        {
          metadata: {},
          involvedObject: {},
          reason: 'Unhealthy',
          message: 'about nobody',
        },
      ]),
      settings,
      startRollout(0),
    );
    expect(verdict).toEqual({
      is: 'waiting',
      text: 'Deployment/web: 2 of 2 updated, 1 ready, 0 old left, 1 ending',
    });
  });

  it('does not wait for what is paused', () => {
    expect(verdicts([0, 2], workload({ paused: true, updated: 1 }), [pod('web:2')]).at(-1)).toBe(
      'request rollout-paused',
    );
  });
});
