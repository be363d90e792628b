/**
 * What every operation on workloads without Helm works with.
 */
import { createHash } from 'node:crypto';
import { createClaims, type Claims } from '../../cluster/claims.ts';
import type { Cluster, Environment } from '../../cluster/cluster.ts';
import { rememberCluster } from '../../cluster/remember-cluster.ts';
import type { ComponentSettings, KubernetesSettings } from '../../domain/deployment.ts';

/** component → what it is. */
export type Components = Readonly<Record<string, ComponentSettings>>;

/** What the target is made from besides the deployment. */
export interface KubernetesDeps {
  /** The worker's environment; `process.env` when left out. */
  readonly environment?: Environment;
}

/** Nothing is looked up before it is needed; failures are not remembered. */
export interface Scope {
  readonly settings: KubernetesSettings;
  readonly components: Components;
  readonly environment: Environment;
  /** Names the claim and one-off Jobs: the same for whoever upgrades the same images in the namespace. */
  readonly owner: string;
  cluster(): Cluster;
  claims(): Claims;
}

/** Makes the scope; does nothing yet. */
export function createScope(
  settings: KubernetesSettings,
  components: Components,
  deps: KubernetesDeps,
): Scope {
  const environment = deps.environment ?? process.env;
  const images = Object.values(components).map(({ image }) => image);
  const hash = createHash('sha256').update(images.toSorted().join('\n')).digest('hex');
  const owner = `workloads-${hash.slice(0, 12)}`;
  const cluster = rememberCluster(settings.cluster, environment);
  return {
    settings,
    components,
    environment,
    owner,
    cluster,
    claims: () => createClaims(cluster(), `belay.${owner}`),
  };
}
