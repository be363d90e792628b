/**
 * What a site worker needs on its cluster for workloads without Helm.
 */
import {
  COMMON_PERMISSIONS,
  mergePermissions,
  type Permission,
} from '../../cluster/permissions.ts';

/** The Role of a site worker. Secrets: those that pods are given are masked in evidence; one-off commands have their own. */
export function neededPermissions(): readonly Permission[] {
  return mergePermissions([
    ...COMMON_PERMISSIONS,
    { group: '', resource: 'secrets', verbs: ['get', 'create', 'delete'] },
  ]);
}
