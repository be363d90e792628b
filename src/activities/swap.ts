/** Makes the declared and the running state equal the pins; the way back is the same act with the old pins. */
import type { Goal } from '../domain/target.ts';
import { acting, type ActInput } from './acting.ts';
import type { ActivityDeps } from './deps.ts';

/** Input of {@link swap}. */
export interface SwapInput extends ActInput {
  readonly goal: Goal;
}

/** Ensure-shaped: whatever it finds, also after a kill in the middle, it ends with the goal. */
export function swap(deps: ActivityDeps, input: SwapInput): Promise<void> {
  return acting(deps, input, async (target, context) => {
    await target.swap(input.goal, context.runId, context);
  });
}
