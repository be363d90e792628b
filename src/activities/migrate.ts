/** Runs the release's migrations, or waits for the application to have run them; and quiesces them before a way back. */
import { BelayError } from '../domain/errors.ts';
import { goalTo } from '../domain/plan.ts';
import { stoppedByEngine } from '../domain/stopped-by-engine.ts';
import type { Goal } from '../domain/target.ts';
import { redact } from '../process/redact.ts';
import type { Target } from '../targets/target.ts';
import { acting, type ActInput } from './acting.ts';
import type { Act } from './context.ts';
import type { ActivityDeps } from './deps.ts';

/** Answers a sentence for the story. Throws `release` when a migration fails or its container gives up. */
export function migrate(deps: ActivityDeps, input: ActInput): Promise<string> {
  const { deployment, plan } = input;
  return acting(deps, input, (target, context) => {
    const trouble = createTrouble(target, goalTo(plan), deployment.health.maxRestarts, context);
    return deps.migrations(deployment, target).run(plan.migrations.wanted, trouble, context);
  });
}

/** A container that the engine starts anew after its own restart is stopped for a moment only (ms). */
const STOPPED_FOR_MS = 4_000;

/** Why waiting for a migration is in vain: its container is gone for good, or restarts again and again. */
function createTrouble(target: Target, goal: Goal, maxRestarts: number, context: Act<never>) {
  const { pins } = goal;
  let stoppedSinceMs: number | undefined;
  return async (): Promise<string | undefined> => {
    const look = await target.look(context);
    if (stoppedByEngine(look, pins) !== undefined) {
      await target.swap(goal, context.runId, context);
      return undefined;
    }
    const { instances } = look;
    const seen = Object.keys(pins).flatMap((component) => instances[component] ?? []);
    const looping = seen.find(({ restarts }) => restarts > maxRestarts);
    if (looping) return `${looping.name} restarted ${looping.restarts} times`;
    const stopped = seen.find(({ state }) => state === 'exited' || state === 'dead');
    if (!stopped) {
      stoppedSinceMs = undefined;
      return undefined;
    }
    stoppedSinceMs ??= Date.now();
    if (Date.now() - stoppedSinceMs < STOPPED_FOR_MS) return undefined;
    return `${stopped.name} exited with code ${stopped.exitCode ?? 'unknown'}`;
  };
}

/** Input of {@link quiesceMigration}. */
export interface QuiesceInput extends ActInput {
  /** ISO times between which a session that is a migration's began; later ones are the old version's. */
  readonly since: string;
  readonly until: string;
}

/**
 * What was ended, as sentences; empty when nothing was left running. A database that can't be asked is told as a
 * sentence too: the old version is judged in any case.
 */
export function quiesceMigration(
  deps: ActivityDeps,
  input: QuiesceInput,
): Promise<readonly string[]> {
  return acting(deps, input, async (target, context) => {
    try {
      return await deps
        .migrations(input.deployment, target)
        .quiesce(input.since, context, input.until);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof BelayError)) throw error;
      return [`what the migration left in the database is not known: ${redact(error.message)}`];
    }
  });
}
