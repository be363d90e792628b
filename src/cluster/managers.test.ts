import { expect, it } from 'vitest';
import { foreignManager } from './managers.ts';

it.each([
  ['Flux', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } }],
  ['Argo CD', { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:x/web' } }],
  ['Flux', { managedFields: [{ manager: 'kubectl' }, { manager: 'helm-controller' }] }],
  ['Argo CD', { managedFields: [{ manager: 'argocd-controller' }] }],
  [undefined, { labels: { app: 'argocd.argoproj.io' }, managedFields: [{ manager: 'helm' }] }],
  [undefined, {}],
])('%s looks after it', (expected, metadata) => {
  expect(foreignManager(metadata)).toBe(expected);
});
