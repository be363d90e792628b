import { describe, expect, it } from 'vitest';
import { ofDaemonSet, ofDeployment, ofStatefulSet } from '../workloads.ts';
import { withNewest, type KeptTemplate } from './newest.ts';

const metadata = { name: 'web', uid: 'u' };
const spec = { selector: {}, template: {} };

const kept = (label: string, value: string, count: number, owner = 'u'): KeptTemplate => ({
  metadata: {
    labels: { [label]: value },
    annotations: { 'deployment.kubernetes.io/revision': String(count) },
    ownerReferences: [{ uid: owner, kind: '', name: '', apiVersion: '' }],
  },
});

describe('the newest template', () => {
  it('of a Deployment is its replica set with the highest count', () => {
    const sets = [
      kept('pod-template-hash', 'failed', 9),
      kept('pod-template-hash', 'reverted-to', 10),
      kept('pod-template-hash', 'another’s', 11, 'other'),
    ];
    expect(withNewest(ofDeployment({ metadata, spec }), sets).newest).toEqual({
      label: 'pod-template-hash',
      value: 'reverted-to',
    });
  });

  it('of a DaemonSet is its controller revision with the highest count', () => {
    const revisions = [3, 12].map((revision) => ({
      ...kept('controller-revision-hash', `r${revision}`, 0),
      revision,
    }));
    expect(withNewest(ofDaemonSet({ metadata, spec }), revisions).newest?.value).toBe('r12');
  });

  it('of a StatefulSet is named by its status', () => {
    const set = ofStatefulSet({
      metadata,
      spec: { ...spec, serviceName: '' },
      status: { replicas: 1, updateRevision: 'web-2' },
    });
    expect(withNewest(set, [kept('pod-template-hash', 'x', 1)]).newest?.value).toBe('web-2');
  });

  it('is not known where nothing is kept yet', () => {
    expect(withNewest(ofDeployment({ metadata, spec }), [])).not.toHaveProperty('newest');
  });
});
