import { describe, expect, it } from 'vitest';
import { addedByHand } from './added-fields.ts';

const declared = {
  spec: {
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          { name: 'web', env: [{ name: 'WORD', value: 'one' }], ports: [{ containerPort: 80 }] },
        ],
      },
    },
  },
};
const container = (fields: object) => ({
  'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': fields } } } },
});
const env = (name: string) => ({
  'f:env': { [`k:{"name":"${name}"}`]: { '.': {}, 'f:name': {}, 'f:value': {} } },
});
const restarted = {
  'f:spec': {
    'f:template': {
      'f:metadata': { 'f:annotations': { '.': {}, 'f:kubectl.kubernetes.io/restartedAt': {} } },
    },
  },
};
const port = 'k:{"containerPort":80,"protocol":"TCP"}';

describe('fields that a person added', () => {
  it.each<readonly [string, string, object, readonly string[]]>([
    [
      'a variable',
      'kubectl-set',
      container(env('EXTRA')),
      ['spec.template.spec.containers[web].env[EXTRA]'],
    ],
    ['one that is declared, whatever its value', 'kubectl-set', container(env('WORD')), []],
    [
      'a member of a container',
      'kubectl-edit',
      container({ '.': {}, 'f:resources': { 'f:limits': { '.': {}, 'f:memory': {} } } }),
      ['spec.template.spec.containers[web].resources'],
    ],
    [
      'a port whose protocol is the default',
      'kubectl-edit',
      container({ 'f:ports': { [port]: { 'f:containerPort': {} } } }),
      [],
    ],
    ['a key of a ConfigMap', 'kubectl-patch', { 'f:data': { 'f:more': {} } }, ['data']],
    ['a restart', 'kubectl-rollout', restarted, []],
    [
      'labels and status',
      'kubectl-label',
      { 'f:metadata': { 'f:labels': { 'f:x': {} } }, 'f:status': { 'f:x': {} } },
      [],
    ],
    ['what a controller sets', 'kube-controller-manager', container(env('EXTRA')), []],
    ['what helm sets, whatever its program is called', 'helm3', container(env('EXTRA')), []],
  ])('%s', (_, manager, fieldsV1, expected) => {
    expect(addedByHand(declared, [{ manager, operation: 'Update', fieldsV1 }])).toEqual(expected);
  });

  it('leaves out what was done through a subresource', () => {
    const fieldsV1 = { 'f:spec': { 'f:replicas': {} } };
    const entry = { manager: 'kubectl', operation: 'Update', fieldsV1 };
    expect(addedByHand(declared, [entry])).toEqual(['spec.replicas']);
    expect(addedByHand(declared, [{ ...entry, subresource: 'scale' }])).toEqual([]);
  });
});
