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

/** What most clusters are, where nobody may list nodes. */
const USUAL_PLATFORM = 'linux/amd64';

/** `linux/amd64`: of the first node, when it can be seen. */
export async function nodePlatform({ core }: Cluster): Promise<string> {
  try {
    const { items } = await core.listNode({ limit: 1 });
    const info = items[0]?.status?.nodeInfo;
    return info ? `${info.operatingSystem}/${info.architecture}` : USUAL_PLATFORM;
  } catch (error) {
    if (statusOf(error) === 403) return USUAL_PLATFORM;
    throw clusterFailure(error, 'looking at the nodes');
  }
}
