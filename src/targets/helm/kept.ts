/**
 * What helm keeps when it leaves the manifest: the policy on the object itself counts, wherever it came from.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import { clusterFailure, statusOf } from '../../cluster/failures.ts';
import { preciousRemoved } from './compare.ts';
import { showObject, type DeclaredObject } from './objects.ts';

/** The objects, with the annotations on the cluster where the removal would be a danger; gone already: left out. */
export async function withLivePolicies(
  cluster: Cluster,
  before: readonly DeclaredObject[],
  after: readonly DeclaredObject[],
): Promise<readonly DeclaredObject[]> {
  const precious = new Set(preciousRemoved(before, after, cluster.namespace));
  const looked = await Promise.all(
    before.map(async (object) => (precious.has(object) ? lookedAt(cluster, object) : [object])),
  );
  return looked.flat();
}

async function lookedAt(
  cluster: Cluster,
  declared: DeclaredObject,
): Promise<readonly DeclaredObject[]> {
  const { apiVersion, kind, name, namespace = cluster.namespace } = declared;
  try {
    const live = await cluster.objects.read({ apiVersion, kind, metadata: { name, namespace } });
    return [{ ...declared, annotations: live.metadata?.annotations ?? {} }];
  } catch (error) {
    if (statusOf(error) === 404) return [];
    // Whoever may not see it can go by what is declared only.
    if (statusOf(error) === 403) return [declared];
    throw clusterFailure(error, `reading ${showObject(declared)}`);
  }
}
