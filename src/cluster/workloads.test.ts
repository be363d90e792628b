import type { V1Deployment, V1StatefulSet } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { ofDaemonSet, ofDeployment, ofStatefulSet } from './workloads.ts';

const template = { spec: { containers: [{ name: 'web', image: 'web:2' }] } };

describe('a Deployment', () => {
  const deployment = (changed: Partial<V1Deployment>): V1Deployment => ({
    metadata: {
      name: 'web',
      uid: 'u',
      generation: 3,
      annotations: { 'deployment.kubernetes.io/revision': '7' },
    },
    spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template },
    status: {
      observedGeneration: 3,
      replicas: 4,
      updatedReplicas: 2,
      readyReplicas: 3,
      availableReplicas: 3,
    },
    ...changed,
  });

  it('is read with its counts, its revision and its deadline', () => {
    expect(ofDeployment(deployment({}))).toMatchObject({
      ref: { kind: 'Deployment', name: 'web' },
      desired: 3,
      current: 4,
      updated: 2,
      ready: 3,
      available: 3,
      observed: true,
      paused: false,
      strategy: 'RollingUpdate',
      revision: 7,
      progressMs: 600_000,
    });
  });

  it.each([
    ['that nobody has looked at yet', { status: {} }, false],
    ['of an older look', { status: { observedGeneration: 2, updatedReplicas: 3 } }, false],
  ])('has counts that don’t count: %s', (_, changed, observed) => {
    expect(ofDeployment(deployment(changed)).observed).toBe(observed);
  });

  it('says why it can’t make pods, as long as that is so', () => {
    const condition = (status: string) => ({
      status: { conditions: [{ type: 'ReplicaFailure', status, message: 'exceeded quota' }] },
    });
    expect(ofDeployment(deployment(condition('True'))).cannotCreate).toBe('exceeded quota');
    expect(ofDeployment(deployment(condition('False'))).cannotCreate).toBeUndefined();
  });
});

describe('a StatefulSet', () => {
  const set = (status: V1StatefulSet['status'], partition?: number): V1StatefulSet => ({
    metadata: { name: 'db', generation: 1 },
    spec: {
      replicas: 2,
      serviceName: 'db',
      selector: {},
      template,
      ...(partition !== undefined && { updateStrategy: { rollingUpdate: { partition } } }),
    },
    ...(status && { status }),
  });

  it('counts every pod as updated once both revisions are one', () => {
    const settled = { replicas: 2, currentRevision: 'db-2', updateRevision: 'db-2' };
    expect(ofStatefulSet(set({ ...settled, updatedReplicas: 0 })).updated).toBe(2);
    expect(
      ofStatefulSet(set({ ...settled, currentRevision: 'db-1', updatedReplicas: 1 })).updated,
    ).toBe(1);
  });

  it('names its newest pods, and one with a partition is held', () => {
    const read = ofStatefulSet(set({ replicas: 2, updateRevision: 'db-2' }, 1));
    expect(read.newest).toEqual({ label: 'controller-revision-hash', value: 'db-2' });
    expect(read).toMatchObject({ paused: true, heldBelow: 1 });
    expect(ofStatefulSet(set({ replicas: 2 }, 0)).paused).toBe(false);
  });
});

describe('a DaemonSet', () => {
  it('wants a pod on every node that its selector leaves', () => {
    expect(
      ofDaemonSet({
        metadata: { name: 'agent', generation: 2 },
        spec: { selector: {}, template, updateStrategy: { type: 'OnDelete' } },
        status: {
          observedGeneration: 2,
          desiredNumberScheduled: 5,
          currentNumberScheduled: 5,
          numberMisscheduled: 0,
          numberReady: 4,
          updatedNumberScheduled: 3,
        },
      }),
    ).toMatchObject({ desired: 5, ready: 4, updated: 3, available: 0, strategy: 'OnDelete' });
  });
});
