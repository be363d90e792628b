/**
 * The account of a site worker, as objects for `kubectl apply`.
 */
import { stringify } from 'yaml';
import type { Permission } from './permissions.ts';

/** Whose permissions they are. */
export interface RbacNames {
  /** The deployment. */
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** ServiceAccount, Role and RoleBinding as one YAML text. */
export function renderRbac(
  { name, namespace, serviceAccount }: RbacNames,
  needed: readonly Permission[],
): string {
  const metadata = (called: string) => ({
    name: called,
    namespace,
    labels: { 'app.kubernetes.io/managed-by': 'belay', 'belay.dev/deployment': name },
  });
  const role = `belay-${name}`;
  const documents = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(serviceAccount) },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: metadata(role),
      rules: needed.map(({ group, resource, verbs }) => ({
        apiGroups: [group],
        resources: [resource],
        verbs: [...verbs],
        // A namespace is an object too: its own, and no other.
        ...(resource === 'namespaces' && { resourceNames: [namespace] }),
      })),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: metadata(role),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role },
      subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace }],
    },
  ];
  return documents.map((document) => stringify(document)).join('---\n');
}
