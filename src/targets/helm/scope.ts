/**
 * What every operation on one Helm release works with.
 */
import { join } from 'node:path';
import { createClaims, type Claims } from '../../cluster/claims.ts';
import type { Cluster, Environment } from '../../cluster/cluster.ts';
import { rememberCluster } from '../../cluster/remember-cluster.ts';
import type { ComponentSettings, HelmSettings } from '../../domain/deployment.ts';
import { createHelm, type Helm } from './program.ts';

/** component → what it is. */
export type Components = Readonly<Record<string, ComponentSettings>>;

/** What the target is made from besides the deployment. */
export interface HelmDeps {
  /** The worker's environment; `process.env` when left out. */
  readonly environment?: Environment;
}

/** One release's surroundings. Nothing is looked up before it is needed; failures are not remembered. */
export interface Scope {
  readonly settings: HelmSettings;
  readonly components: Components;
  readonly environment: Environment;
  readonly helm: Helm;
  /** While a plan looks at a copy of the chart: where the chart itself will be. */
  readonly declaredChart?: string;
  /** Where logs of helm lie. */
  readonly stateDirectory: string;
  /** Reads the kubeconfig anew when it was changed. */
  cluster(): Cluster;
  claims(): Claims;
}

/** Makes the scope; does nothing yet. */
export function createScope(settings: HelmSettings, components: Components, deps: HelmDeps): Scope {
  const environment = deps.environment ?? process.env;
  const cluster = rememberCluster(settings.cluster, environment);
  return {
    settings,
    components,
    environment,
    helm: createHelm(settings, environment),
    stateDirectory: join(settings.directory, '.belay', settings.release),
    cluster,
    claims: () => createClaims(cluster(), `belay.helm.${settings.release}`),
  };
}
