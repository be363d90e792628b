/**
 * What a site worker may do on its cluster: asked beforehand, so that nothing stops half-way for a missing verb.
 */
import type { V1ResourceRule } from '@kubernetes/client-node';
import type { Refusal } from '../domain/errors.ts';
import type { Cluster } from './cluster.ts';
import { asked } from './failures.ts';

/** Verbs on one resource. */
export interface Permission {
  /** API group; empty: the core's. */
  readonly group: string;
  /** With its subresource: `pods/exec`. */
  readonly resource: string;
  readonly verbs: readonly string[];
}

/** What every target on a cluster needs in its namespace. */
export const COMMON_PERMISSIONS: readonly Permission[] = [
  { group: '', resource: 'namespaces', verbs: ['get'] },
  { group: '', resource: 'pods', verbs: ['get', 'list', 'delete'] },
  { group: '', resource: 'pods/log', verbs: ['get'] },
  { group: '', resource: 'pods/exec', verbs: ['get', 'create'] },
  { group: '', resource: 'pods/portforward', verbs: ['get', 'create'] },
  { group: '', resource: 'events', verbs: ['list'] },
  { group: '', resource: 'services', verbs: ['get'] },
  { group: 'discovery.k8s.io', resource: 'endpointslices', verbs: ['list'] },
  { group: 'apps', resource: 'deployments', verbs: ['get', 'list', 'patch'] },
  { group: 'apps', resource: 'statefulsets', verbs: ['get', 'list', 'patch'] },
  { group: 'apps', resource: 'daemonsets', verbs: ['get', 'list', 'patch'] },
  { group: 'apps', resource: 'replicasets', verbs: ['list'] },
  { group: 'apps', resource: 'controllerrevisions', verbs: ['list'] },
  { group: 'batch', resource: 'jobs', verbs: ['get', 'list', 'create', 'delete'] },
  {
    group: 'coordination.k8s.io',
    resource: 'leases',
    verbs: ['get', 'create', 'update', 'delete'],
  },
];

/**
 * A refusal for everything that this worker's account lacks; empty: it may do all. One request where the cluster lists
 * the account's rules in full; what is not in the list is asked for one by one, because some authorizers list nothing.
 */
export async function missingPermissions(
  cluster: Cluster,
  needed: readonly Permission[],
  deployment: string,
): Promise<Refusal[]> {
  const rules = await rulesOf(cluster);
  const single = needed
    .flatMap(({ group, resource, verbs }) => verbs.map((verb) => ({ group, resource, verb })))
    .filter((each) => !rules.some((rule) => covers(rule, each, cluster.namespace)));
  const allowed = await Promise.all(single.map((each) => isAllowed(cluster, each)));
  return single
    .filter((_, at) => !allowed[at])
    .map(({ group, resource, verb }) => ({
      code: 'permission-missing',
      message: `belay's account on the cluster may not ${verb} ${resource}${group === '' ? '' : ` of ${group}`} in namespace ${cluster.namespace}`,
      remedy: `Grant it: belay rbac ${deployment} | kubectl apply -f -`,
    }));
}

interface Wish {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}

async function rulesOf({ authorization, namespace }: Cluster): Promise<V1ResourceRule[]> {
  const review = await asked(
    'asking what belay’s account may do',
    authorization.createSelfSubjectRulesReview({ body: { spec: { namespace } } }),
  );
  return review.status?.resourceRules ?? [];
}

/** Exported for its test. */
export function covers(
  { verbs, apiGroups = [], resources = [], resourceNames = [] }: V1ResourceRule,
  { group, resource, verb }: Wish,
  namespace: string,
): boolean {
  const has = (all: readonly string[], one: string) => all.includes('*') || all.includes(one);
  const [, subresource] = resource.split('/');
  return (
    has(verbs, verb) &&
    has(apiGroups, group) &&
    (has(resources, resource) ||
      (subresource !== undefined && resources.includes(`*/${subresource}`))) &&
    (resourceNames.length === 0 || (resource === 'namespaces' && resourceNames.includes(namespace)))
  );
}

async function isAllowed(
  { authorization, namespace }: Cluster,
  { group, resource, verb }: Wish,
): Promise<boolean> {
  const [name = '', subresource] = resource.split('/');
  const answer = await asked(
    `asking whether it may ${verb} ${resource}`,
    authorization.createSelfSubjectAccessReview({
      body: {
        spec: {
          resourceAttributes: {
            namespace,
            verb,
            group,
            resource: name,
            ...(subresource !== undefined && { subresource }),
            // One's own namespace is read by its name.
            ...(name === 'namespaces' && { name: namespace }),
          },
        },
      },
    }),
  );
  return answer.status?.allowed === true;
}

/** Permissions on the same resource become one, verbs in order, so that a Role stays readable. */
export function mergePermissions(all: readonly Permission[]): Permission[] {
  const merged = new Map<string, Permission>();
  for (const { group, resource, verbs } of all) {
    const key = `${group}/${resource}`;
    const before = merged.get(key)?.verbs ?? [];
    merged.set(key, { group, resource, verbs: [...new Set([...before, ...verbs])] });
  }
  return [...merged.values()];
}
