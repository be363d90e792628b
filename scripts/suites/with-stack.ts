import { ensureCluster, stopCluster } from '../kube/cluster.ts';
import { ensureDocker, stopDocker } from '../stack/docker.ts';
import { ensureRegistry, stopRegistry } from '../stack/registry.ts';

/** The Docker engine, the registry and the cluster, brought up when the first suite needs them. */
export interface Stack {
  ensure(): Promise<void>;
  ensureCluster(): Promise<void>;
  /** Ends what had to be started; an engine that ran before is left running. */
  stop(): Promise<void>;
}

/** A stack that is up only from the first `ensure` on. */
export function createStack(): Stack {
  const started = { docker: false, registry: false, cluster: false };
  return {
    async ensure() {
      started.docker ||= (await ensureDocker()).startedNow;
      started.registry ||= (await ensureRegistry()).startedNow;
    },
    async ensureCluster() {
      started.cluster ||= (await ensureCluster()).startedNow;
    },
    async stop() {
      if (started.cluster) await stopCluster();
      if (started.registry) await stopRegistry();
      if (started.docker) await stopDocker();
    },
  };
}
