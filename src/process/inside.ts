/**
 * How code that knows no target runs a program beside or inside a component: `Target.run`, bound to it.
 */
import type { ActContext, Output, RunOptions } from '../domain/act.ts';

/**
 * Runs `argv` to its end. Never throws for an exit code; throws `BelayError` when it could not be run at all (no
 * instance, no engine), and ends the child before it rejects on abort.
 */
export type Inside = (
  argv: readonly string[],
  options: RunOptions,
  context: ActContext,
) => Promise<Output>;
