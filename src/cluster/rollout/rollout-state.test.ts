import type { V1Pod } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { showRef, type Workload, type WorkloadKind } from '../workloads.ts';
import { rolloutState } from './rollout-state.ts';

const LABEL = 'controller-revision-hash';

/** What is seen of a workload that is paused, or has a partition, and has these pods: name → its template's label. */
function stateOf(
  kind: WorkloadKind,
  changed: Partial<Workload>,
  pods: Readonly<Record<string, string>>,
) {
  const ref = { kind, name: 'web' };
  const count = Object.keys(pods).length;
  const workload: Workload = {
    ref,
    uid: 'u',
    desired: 2,
    ready: count,
    updated: Object.values(pods).filter((value) => value === 'new').length,
    available: count,
    current: count,
    observed: true,
    paused: true,
    strategy: 'RollingUpdate',
    selector: {},
    template: {},
    newest: { label: LABEL, value: 'new' },
    metadata: {},
    ...changed,
  };
  const seen = Object.entries(pods).map(([name, value]): V1Pod => ({
    metadata: { name, labels: { [LABEL]: value } },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  }));
  const { done, troubles } = rolloutState(
    { ref, images: { web: [] } },
    { nowMs: 0, workloads: [workload], pods: new Map([[showRef(ref), seen]]), warnings: [] },
    { maxRestarts: 2, graceMs: 1_000, progressMs: 1_000 },
  );
  return [done, ...troubles.map(({ code }) => code)];
}

test.each([
  ['has nothing to roll out', {}, { a: 'new', b: 'new' }, [true]],
  ['has pods of another template', {}, { a: 'new', b: 'old' }, [false, 'rollout-paused']],
  ['has no pod ready that it shall have', { available: 1 }, { a: 'new', b: 'new' }, [false]],
  ['was paused before its first pod', {}, {}, [true]],
  ['has lost a pod', {}, { a: 'new' }, [false]],
])('a paused Deployment that %s', (_, changed, pods, expected) => {
  expect(stateOf('Deployment', changed, pods)).toEqual(expected);
});

test.each([
  ['below it an old pod stays', { 'web-0': 'old', 'web-1': 'new' }, [false, 'rollout-paused']],
  ['above it an old pod is replaced', { 'web-0': 'new', 'web-1': 'old' }, [false]],
  ['every pod is new', { 'web-0': 'new', 'web-1': 'new' }, [true]],
  ['no pod is there yet', {}, [false]],
])('a partition: %s', (_, pods, expected) => {
  expect(stateOf('StatefulSet', { heldBelow: 1 }, pods)).toEqual(expected);
});
