/**
 * What a site worker needs on its cluster for a Helm release.
 */
import {
  COMMON_PERMISSIONS,
  mergePermissions,
  type Permission,
} from '../../cluster/permissions.ts';

const WRITE = ['get', 'list', 'create', 'update', 'patch', 'delete'];

/** Kinds that charts are made of. What else a chart has is helm's to name. */
const CHART_KINDS: readonly Permission[] = [
  { group: '', resource: 'configmaps', verbs: WRITE },
  // Helm keeps its releases in Secrets.
  { group: '', resource: 'secrets', verbs: WRITE },
  { group: '', resource: 'services', verbs: WRITE },
  { group: '', resource: 'serviceaccounts', verbs: WRITE },
  { group: '', resource: 'persistentvolumeclaims', verbs: WRITE },
  { group: 'apps', resource: 'deployments', verbs: WRITE },
  { group: 'apps', resource: 'statefulsets', verbs: WRITE },
  { group: 'apps', resource: 'daemonsets', verbs: WRITE },
  { group: 'batch', resource: 'jobs', verbs: [...WRITE, 'watch'] },
  { group: 'batch', resource: 'cronjobs', verbs: WRITE },
  { group: 'networking.k8s.io', resource: 'ingresses', verbs: WRITE },
  { group: 'networking.k8s.io', resource: 'networkpolicies', verbs: WRITE },
  { group: 'policy', resource: 'poddisruptionbudgets', verbs: WRITE },
  { group: 'autoscaling', resource: 'horizontalpodautoscalers', verbs: WRITE },
];

/** The Role of a site worker. */
export function neededPermissions(): readonly Permission[] {
  return mergePermissions([...COMMON_PERMISSIONS, ...CHART_KINDS]);
}
