import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { covers, mergePermissions } from './permissions.ts';
import { renderRbac } from './rbac.ts';
import { parseServiceUrl } from './reach.ts';
import { foreignManager } from './managers.ts';

describe('a rule', () => {
  const wish = { group: 'apps', resource: 'deployments', verb: 'patch' };
  it.each([
    [{ verbs: ['patch'], apiGroups: ['apps'], resources: ['deployments'] }, true],
    [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, true],
    [{ verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'] }, false],
    [{ verbs: ['patch'], apiGroups: [''], resources: ['deployments'] }, false],
    [
      { verbs: ['patch'], apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['one'] },
      false,
    ],
  ])('%j: %s', (rule, expected) => {
    expect(covers(rule, wish, 'shop')).toBe(expected);
  });

  it('of one’s own namespace is by its name', () => {
    const rule = {
      verbs: ['get'],
      apiGroups: [''],
      resources: ['namespaces'],
      resourceNames: ['shop'],
    };
    const get = { group: '', resource: 'namespaces', verb: 'get' };
    expect(covers(rule, get, 'shop')).toBe(true);
    expect(covers(rule, get, 'other')).toBe(false);
  });
});

it('a Role has each resource once, and only the own namespace by name', () => {
  const merged = mergePermissions([
    { group: '', resource: 'namespaces', verbs: ['get'] },
    { group: 'apps', resource: 'deployments', verbs: ['get'] },
    { group: 'apps', resource: 'deployments', verbs: ['get', 'patch'] },
  ]);
  const yaml = renderRbac({ name: 'acme', namespace: 'shop', serviceAccount: 'belay' }, merged);
  const [account, role, binding] = parseAllDocuments(yaml).map((each) => each.toJS() as unknown);
  expect(account).toMatchObject({
    kind: 'ServiceAccount',
    metadata: { name: 'belay', namespace: 'shop' },
  });
  expect(role).toMatchObject({
    kind: 'Role',
    rules: [
      { apiGroups: [''], resources: ['namespaces'], verbs: ['get'], resourceNames: ['shop'] },
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'patch'] },
    ],
  });
  expect(binding).toMatchObject({ kind: 'RoleBinding', roleRef: { name: 'belay-acme' } });
});

it.each([
  ['service://web/health', { service: 'web', port: undefined, path: '/health' }],
  ['service://web:3000', { service: 'web', port: '3000', path: '/' }],
  ['service://web:http/a/b?c=d', { service: 'web', port: 'http', path: '/a/b?c=d' }],
  ['http://web/health', undefined],
])('%s', (url, expected) => {
  expect(parseServiceUrl(url)).toEqual(expected);
});

it.each([
  [{ labels: { 'kustomize.toolkit.fluxcd.io/name': 'a' } }, 'Flux'],
  [{ annotations: { 'argocd.argoproj.io/tracking-id': 'a' } }, 'Argo CD'],
  [{ managedFields: [{ manager: 'helm-controller' }] }, 'Flux'],
  [{ managedFields: [{ manager: 'helm' }], labels: { app: 'web' } }, undefined],
])('%j is managed by %s', (metadata, expected) => {
  expect(foreignManager(metadata)).toBe(expected);
});
