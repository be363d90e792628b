/** Captures the evidence before compensation destroys it. */
import { join } from 'node:path';
import { stampOf } from '../domain/record.ts';
import type { Evidence } from '../domain/target.ts';
import { act } from './context.ts';
import type { ActInput } from './acting.ts';
import type { ActivityDeps } from './deps.ts';

/** Input of {@link collect}. */
export interface CollectInput extends ActInput {
  readonly startedAt: string;
  /** Counts the captures of one operation: each gets its own folder. */
  readonly capture: number;
}

/** Files of logs, inspections and events under `<logs>/evidence/…`, each with its sha256. Changes nothing else. */
export function collect(deps: ActivityDeps, input: CollectInput): Promise<readonly Evidence[]> {
  const { deployment, plan, startedAt, capture } = input;
  const folder = `${plan.operation}-${stampOf(startedAt)}-${plan.toVersion}-${capture}`;
  return act(deployment.patienceMs, (context) =>
    deps.target(deployment).collect(join(deployment.logs, 'evidence', folder), context),
  );
}
