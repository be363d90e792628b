/**
 * One connection for many acts, made anew when the kubeconfig changes: a renewed certificate or token needs no restart.
 */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ClusterAccess } from '../domain/deployment.ts';
import { openCluster, type Cluster, type Environment } from './cluster.ts';

/** Opens nothing before it is called; what fails is tried again by the next call. See {@link openCluster}. */
export function rememberCluster(access: ClusterAccess, environment: Environment): () => Cluster {
  let known: { readonly stamp: string; readonly cluster: Cluster } | undefined;
  return () => {
    const stamp = stampOf(access, environment);
    if (known?.stamp !== stamp) known = { stamp, cluster: openCluster(access, environment) };
    return known.cluster;
  };
}

/** Tells one content of the files from another, as far as their bookkeeping does. */
function stampOf({ kubeconfig }: ClusterAccess, environment: Environment): string {
  const named = [kubeconfig, environment['KUBECONFIG']].find(
    (path) => path !== undefined && path !== '',
  );
  const files = (named ?? join(homedir(), '.kube', 'config')).split(':').filter(Boolean);
  return files
    .map((file) => {
      const found = statSync(file, { throwIfNoEntry: false });
      return found ? `${found.ino} ${found.mtimeMs} ${found.size}` : 'none';
    })
    .join(' ');
}
