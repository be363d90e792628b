/**
 * Instances that are on their way up for the first time: an autoscaler's, or those that replace a drained node's. They
 * say nothing of the version's health yet, as long as others serve.
 */
import type { GateState } from './judgement.ts';
import type { Instance } from './target.ts';

/**
 * Whether the runtime shows that it has not been ready once: it never started, or is not ready since before it started.
 * One that ended or restarted is not new, nor is one whose runtime keeps no such time (Compose): of that it can't be
 * told whether it was ready.
 */
export function neverReady(instance: Instance): boolean {
  const { state, health, restarts, exitCode, startedAt, healthSince } = instance;
  if (restarts > 0 || exitCode !== undefined || health === 'healthy') return false;
  if (state === 'created') return startedAt === undefined;
  if (state !== 'running' || startedAt === undefined || healthSince === undefined) return false;
  // Both are the node's own time, in whole seconds.
  return Date.parse(healthSince) <= Date.parse(startedAt);
}

/** The IDs of those that were never ready, and have been seen for less than `timeoutMs` of observed time. */
export function startingUp(
  { containers, observedMs }: GateState,
  timeoutMs: number,
): ReadonlySet<string> {
  const starting = Object.entries(containers).filter(
    ([, { startingSinceMs }]) =>
      startingSinceMs !== undefined && observedMs - startingSinceMs < timeoutMs,
  );
  return new Set(starting.map(([id]) => id));
}
