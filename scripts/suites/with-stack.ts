import { ensureDocker, stopDocker } from '../stack/docker.ts';
import { ensureRegistry, stopRegistry } from '../stack/registry.ts';

/** The Docker engine and the registry, brought up when the first suite needs them. */
export interface Stack {
  ensure(): Promise<void>;
  /** Ends what `ensure` had to start; an engine that ran before is left running. */
  stop(): Promise<void>;
}

/** A stack that is up only from the first `ensure` on. */
export function createStack(): Stack {
  const started = { docker: false, registry: false };
  return {
    async ensure() {
      started.docker ||= (await ensureDocker()).startedNow;
      started.registry ||= (await ensureRegistry()).startedNow;
    },
    async stop() {
      if (started.registry) await stopRegistry();
      if (started.docker) await stopDocker();
    },
  };
}
