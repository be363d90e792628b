import type { V1Pod } from '@kubernetes/client-node';
import { expect, it } from 'vitest';
import { stuckPods } from './unstick.ts';

const newest = { label: 'controller-revision-hash', value: 'old' };
const pod = (name: string, hash: string, ready: string): V1Pod => ({
  metadata: { name, labels: { 'controller-revision-hash': hash } },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});
const pods = [
  pod('db-0', 'old', 'True'),
  pod('db-1', 'old', 'False'),
  pod('db-2', 'failed', 'False'),
  pod('db-3', 'failed', 'True'),
];

it('is stuck: of a template that was left, and not ready', () => {
  const names = (from: V1Pod[]) => from.map(({ metadata }) => metadata?.name);
  expect(names(stuckPods({ observed: true, newest }, pods))).toEqual(['db-2']);
});

it('can’t be told before the controller has taken the revert up', () => {
  expect(stuckPods({ observed: false, newest }, pods)).toEqual([]);
  expect(stuckPods({ observed: true }, pods)).toEqual([]);
});
