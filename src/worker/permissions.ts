/** Which permissions on its cluster a deployment's target needs. */
import type { Permission } from '../cluster/permissions.ts';
import type { TargetSettings } from '../domain/deployment.ts';
import { neededPermissions as helmPermissions } from '../targets/helm/permissions.ts';
import { neededPermissions as kubernetesPermissions } from '../targets/kubernetes/permissions.ts';

/** Undefined for a target that is not on a cluster. */
export function permissionsOf(
  target: TargetSettings,
): { readonly namespace: string; readonly permissions: readonly Permission[] } | undefined {
  switch (target.kind) {
    case 'compose':
      return undefined;
    case 'helm':
      return { namespace: target.cluster.namespace, permissions: helmPermissions() };
    case 'kubernetes':
      return { namespace: target.cluster.namespace, permissions: kubernetesPermissions() };
  }
}
