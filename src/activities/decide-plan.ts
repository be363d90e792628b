/** Decides the plan from the facts. Pure but for the digest's hash; runs where no site is needed. */
import { createHash } from 'node:crypto';
import type { Refusal } from '../domain/errors.ts';
import type { Plan } from '../domain/plan.ts';
import type { PlanFacts } from '../plan/facts.ts';
import { planRollback } from '../plan/plan-rollback.ts';
import { planUpgrade } from '../plan/plan-upgrade.ts';
import { act } from './context.ts';

/** Input of {@link decidePlan}. */
export interface DecideInput {
  readonly operation: 'upgrade' | 'rollback';
  readonly facts: PlanFacts;
}

const PATIENCE_MS = 60_000;

/** The plan, or every reason why there is none. */
export function decidePlan({
  operation,
  facts,
}: DecideInput): Promise<{ readonly plan: Plan } | { readonly refused: readonly Refusal[] }> {
  return act(PATIENCE_MS, () =>
    Promise.resolve(
      operation === 'upgrade' ? planUpgrade(facts, sha256) : planRollback(facts, sha256),
    ),
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
