/**
 * Who else looks after an object. What Flux or Argo CD put there, they put there again.
 */
import type { V1ObjectMeta } from '@kubernetes/client-node';

/** Prefix of a label or annotation → who writes it. */
const MARKS: readonly (readonly [string, string])[] = [
  ['kustomize.toolkit.fluxcd.io/', 'Flux'],
  ['helm.toolkit.fluxcd.io/', 'Flux'],
  ['argocd.argoproj.io/', 'Argo CD'],
  ['fleet.cattle.io/', 'Rancher Fleet'],
  ['configmanagement.gke.io/', 'Config Sync'],
];

const FIELD_MANAGERS: readonly (readonly [RegExp, string])[] = [
  [/^(?:kustomize|helm)-controller$/, 'Flux'],
  [/^argocd-(?:controller|application-controller)$/, 'Argo CD'],
];

/** `Flux`, `Argo CD` and the like; undefined when nobody of that kind is known. */
export function foreignManager({
  labels = {},
  annotations = {},
  managedFields = [],
}: V1ObjectMeta): string | undefined {
  const names = [...Object.keys(labels), ...Object.keys(annotations)];
  const marked = MARKS.find(([prefix]) => names.some((name) => name.startsWith(prefix)));
  if (marked) return marked[1];
  for (const { manager = '' } of managedFields) {
    const known = FIELD_MANAGERS.find(([pattern]) => pattern.test(manager));
    if (known) return known[1];
  }
  return undefined;
}
