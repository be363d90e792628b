/**
 * Pauses between restarts: short after a single failure, longer while failures go on.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** Whatever ran this long was fine: its failure is a first one again. */
const SOUND_MS = 60_000;

/** The pause after `failures` failures in a row (1 is the first). */
export function pauseMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
}

/** Counts failures of one thing and waits accordingly. */
export class Backoff {
  private failures = 0;
  private startedAtMs = performance.now();

  /** Call when the thing was started. */
  started(): void {
    this.startedAtMs = performance.now();
  }

  /** Call when it failed: waits; returns early, without an error, when `stop` is aborted. */
  async wait(stop: AbortSignal): Promise<void> {
    if (performance.now() - this.startedAtMs > SOUND_MS) this.failures = 0;
    this.failures += 1;
    await sleep(pauseMs(this.failures), undefined, { signal: stop }).catch(() => undefined);
  }
}
