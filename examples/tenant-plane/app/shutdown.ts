import { setTimeout as delay } from 'node:timers/promises';
import { log } from './log.ts';

type Close = () => Promise<unknown>;

/** How long requests in flight get to finish; an upgrade's gap includes this. */
const graceMs = 250;

/**
 * Ends the process with code 0 soon after SIGTERM or SIGINT.
 *
 * It is called before anything else is started: as a container's first process Node has no default
 * handler, and a signal during a slow start would be lost until the engine kills the container.
 *
 * @returns a function that registers something to close; the last registered is closed first.
 */
export function stopOnSignals(): (close: Close) => void {
  const closes: Close[] = [];
  const stop = async (signal: string): Promise<void> => {
    log('info', 'stopping', { signal });
    await Promise.race([closeAll(closes), delay(graceMs)]);
    log('info', 'stopped');
    process.exit(0);
  };
  process.once('SIGTERM', (signal) => void stop(signal));
  process.once('SIGINT', (signal) => void stop(signal));
  return (close) => closes.unshift(close);
}

async function closeAll(closes: readonly Close[]): Promise<void> {
  for (const close of closes) await close().catch(() => undefined);
}
