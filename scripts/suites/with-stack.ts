import { buildImages } from '../../examples/tenant-plane/images.ts';
import { ensureCluster, stopCluster } from '../kube/cluster.ts';
import { ensureDocker, stopDocker } from '../stack/docker.ts';
import { ensureRegistry, stopRegistry } from '../stack/registry.ts';

/** The Docker engine, the registry with the example's images and the cluster, brought up when the first suite needs them. */
export interface Stack {
  ensure(): Promise<void>;
  ensureCluster(): Promise<void>;
  /** Ends what had to be started; an engine that ran before is left running. */
  stop(): Promise<void>;
}

/** A stack that is up only from the first `ensure` on; several suites may ask at once. */
export function createStack(): Stack {
  const started = { docker: false, registry: false, cluster: false };
  const stack = once(async () => {
    started.docker = (await ensureDocker()).startedNow || started.docker;
    started.registry = (await ensureRegistry()).startedNow || started.registry;
    // Once, and not by every suite at the same time.
    await buildImages();
  });
  const cluster = once(async () => {
    started.cluster = (await ensureCluster()).startedNow;
  });
  return {
    ensure: stack,
    ensureCluster: cluster,
    async stop() {
      if (started.cluster) await stopCluster();
      if (started.registry) await stopRegistry();
      if (started.docker) await stopDocker();
    },
  };
}

/** What failed is tried again by who asks next. */
function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= act().catch((error: unknown) => {
      done = undefined;
      throw error;
    });
    return done;
  };
}
