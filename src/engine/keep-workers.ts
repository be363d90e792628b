/**
 * Keeps workers running: one that fails is started again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from './backoff.ts';
import type { RunningWorkers, StartWorkers, WorkerRequest } from './workers.ts';

/** Running activities get this long to end or to say how far they are; the next worker goes on from there. */
const DRAIN_MS = 10_000;

/** What keeping workers needs. */
export interface KeepSettings {
  readonly start: StartWorkers;
  readonly request: WorkerRequest;
  /** Called each time the workers poll. */
  readonly ready: () => Promise<void>;
  /** Called when they no longer do. */
  readonly away: () => Promise<void>;
  /** Aborted: the workers are drained and nothing is started again. */
  readonly stop: AbortSignal;
  readonly log: (line: string) => void;
}

/** Resolves once `stop` is aborted and the workers are drained. Throws only when the very first start fails. */
export async function keepWorkers(settings: KeepSettings): Promise<void> {
  const { stop, log } = settings;
  const backoff = new Backoff();
  let everStarted = false;
  while (!stop.aborted) {
    try {
      const workers = await settings.start(settings.request);
      everStarted = true;
      backoff.started();
      await servingUntilFailedOr(workers, settings);
    } catch (error) {
      if (!everStarted) throw error;
      log(`a worker failed: ${describe(error)}`);
      await settings.away();
      await backoff.wait(stop);
    }
  }
}

/** Whatever ends it, the workers are stopped: the next ones must not run beside them. */
async function servingUntilFailedOr(
  workers: RunningWorkers,
  { ready, stop }: KeepSettings,
): Promise<void> {
  try {
    await ready();
    await Promise.race([workers.failed, aborted(stop)]);
  } finally {
    // A failure while stopping changes nothing: whatever ran goes on under the next worker.
    workers.failed.catch(() => undefined);
    const drained = workers.stop().catch(() => undefined);
    await Promise.race([drained, sleep(DRAIN_MS, undefined, { ref: false })]);
  }
}

/** Resolves when `signal` is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
