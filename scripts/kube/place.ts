import { join } from 'node:path';
import { stateDirectory } from '../stack/place.ts';

/** Everything that the cluster keeps on disk; `stopCluster` removes all but the logs. */
export interface KubePlace {
  readonly root: string;
  /** For whoever uses the cluster: administrator, with certificates inside. */
  readonly kubeconfig: string;
  /** Written when the cluster serves; see `ClusterFacts`. */
  readonly ready: string;
  /** What must be taken away again, written before it is made; see `Traces`. */
  readonly traces: string;
  readonly certificates: string;
  readonly configuration: string;
  readonly logs: string;
  readonly etcdData: string;
  readonly kubeletRoot: string;
  readonly containerdRoot: string;
  /** Unix socket at which the node's registry connections come out on the host. */
  readonly registrySocket: string;
  /** Unix socket at which the node's parts are stopped and started. */
  readonly controlSocket: string;
}

/** Where the one cluster of this state folder lives; checkouts share it as they share the stack. */
export function kubePlace(root = join(stateDirectory(), 'kube')): KubePlace {
  return {
    root,
    kubeconfig: join(root, 'admin.kubeconfig'),
    ready: join(root, 'ready.json'),
    traces: join(root, 'traces.json'),
    certificates: join(root, 'pki'),
    configuration: join(root, 'conf'),
    logs: join(root, 'log'),
    etcdData: join(root, 'etcd'),
    kubeletRoot: join(root, 'kubelet'),
    containerdRoot: join(root, 'containerd'),
    registrySocket: join(root, 'registry.sock'),
    controlSocket: join(root, 'control.sock'),
  };
}
