/**
 * Which cluster and namespace this is, and what it runs on.
 */
import { VersionApi } from '@kubernetes/client-node';
import { failure } from '../domain/errors.ts';
import type { Cluster } from './cluster.ts';
import { asked, clusterFailure, found, statusOf } from './failures.ts';

/**
 * The namespace's own UID, twice: any worker that reaches this namespace reaches the same workloads, so the machine does
 * not matter. Needs `get` on that one namespace.
 *
 * @throws BelayError `namespace-missing` (request).
 */
export async function identity({
  core,
  namespace,
}: Cluster): Promise<{ engineId: string; machineId: string }> {
  const read = await found(
    `reading namespace ${namespace}`,
    core.readNamespace({ name: namespace }),
  );
  const uid = read?.metadata?.uid;
  if (uid !== undefined) return { engineId: uid, machineId: uid };
  throw failure(
    'request',
    'namespace-missing',
    `There is no namespace ${namespace} on the cluster`,
    'Correct target namespace in the deployment file, or its kubeconfig and context',
  );
}

/** `1.34.4`. */
export async function serverVersion({ config }: Cluster): Promise<string> {
  const answer = await asked('asking for its version', config.makeApiClient(VersionApi).getCode());
  return answer.gitVersion.replace(/^v/, '');
}

/**
 * The platforms of the nodes (`linux/amd64`), each once. Empty: unknown, because the account may not list nodes. The Role
 * of `belay rbac` does not let it: nodes are in no namespace.
 */
export async function nodePlatforms({ core }: Pick<Cluster, 'core'>): Promise<readonly string[]> {
  try {
    const { items } = await core.listNode();
    const infos = items.map(({ status }) => status?.nodeInfo).filter((info) => info !== undefined);
    return [...new Set(infos.map((info) => `${info.operatingSystem}/${info.architecture}`))];
  } catch (error) {
    if (statusOf(error) === 403) return [];
    throw clusterFailure(error, 'looking at the nodes');
  }
}

/** The platform of all nodes; empty where they are of several, or may not be listed. */
export async function nodePlatform(cluster: Pick<Cluster, 'core'>): Promise<string> {
  const [only = '', ...others] = await nodePlatforms(cluster);
  return others.length === 0 ? only : '';
}
