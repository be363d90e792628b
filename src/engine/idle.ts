/**
 * When an engine that a command started may end by itself.
 */
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const DEFAULT_MINUTES = 30;
const MINUTE_MS = 60_000;
const LONGEST_POLL_MS = 30_000;

/** Milliseconds of idleness that end a detached engine: `$BELAY_IDLE_MINUTES` (fractions allowed), 30 by default. */
export function idleMs(env: NodeJS.ProcessEnv = process.env): number {
  const minutes = Number(env['BELAY_IDLE_MINUTES'] || DEFAULT_MINUTES);
  return (Number.isFinite(minutes) && minutes > 0 ? minutes : DEFAULT_MINUTES) * MINUTE_MS;
}

/** What idleness is judged by. */
export interface IdleSettings {
  readonly idleMs: number;
  /** Open operations; throws when it can't be known, which counts as busy. */
  readonly countOpen: () => Promise<number>;
  /** A file that every command touches when it uses the engine. */
  readonly touchedFile: string;
  readonly stop: AbortSignal;
}

/** Resolves `true` once nothing was open, and no command came, for `idleMs`; `false` when stopped before. */
export async function untilIdle(settings: IdleSettings): Promise<boolean> {
  let lastBusyMs = Date.now();
  const pollMs = Math.min(LONGEST_POLL_MS, settings.idleMs / 4);
  while (await hasPassed(pollMs, settings.stop)) {
    const open = await settings.countOpen().catch(() => 1);
    if (open > 0) lastBusyMs = Date.now();
    const touched = await stat(settings.touchedFile).catch(() => undefined);
    lastBusyMs = Math.max(lastBusyMs, touched?.mtimeMs ?? 0);
    if (Date.now() - lastBusyMs >= settings.idleMs) return !settings.stop.aborted;
  }
  return false;
}

/** `false`: stopped before. */
function hasPassed(ms: number, stop: AbortSignal): Promise<boolean> {
  return sleep(ms, true, { signal: stop }).catch(() => false);
}
