import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { Probe } from './outage.ts';

const probesSchema = z.array(
  z.object({ sentAtMs: z.number(), endedAtMs: z.number(), version: z.string().optional() }),
);

/** Asks all the time until it is stopped. */
export interface Prober {
  /** Ends the asking and answers everything that was seen. */
  stop(): Promise<readonly Probe[]>;
}

/** Starts asking `url` every 10 ms, from a thread of its own, each time on a new connection. */
export async function startProber(url: string): Promise<Prober> {
  const thread = new Worker(new URL('./probe-thread.ts', import.meta.url), { workerData: { url } });
  await once(thread, 'online');
  return {
    async stop() {
      thread.postMessage('stop');
      const [probes] = z.tuple([probesSchema]).parse(await once(thread, 'message'));
      await thread.terminate();
      return probes.map(({ version, ...times }) => ({ ...times, version }));
    },
  };
}
