/**
 * Plans a rollback.
 */
import { decidePlan, type PlanResult } from './decide-plan.ts';
import type { PlanFacts } from './facts.ts';
import { NOTHING, note, together, type Findings } from './findings.ts';
import { declaredVersion } from './from-version.ts';
import type { Sha256 } from './plan-digest.ts';
import { planRollbackMigrations } from './plan-migrations.ts';
import { notSeen } from './plan-upgrade.ts';
import { pointFor } from './rollback-point.ts';
import { rollbackTarget } from './rollback-target.ts';

const FOUND = {
  revision: 'the revision that was named',
  record: 'the record of the previous version',
  history: 'the history',
  images: 'the images in the local store, the newest that is older',
} as const;

/**
 * The way back in full, or every reason why not. It changes the runtime only: no backup, no migrations, no restore; and a
 * sick deployment is no reason against it.
 */
export function planRollback(facts: PlanFacts, sha256: Sha256): PlanResult {
  const { deployment, observed, probeRefusals } = facts;
  if (!observed)
    return { refused: probeRefusals.length > 0 ? probeRefusals : [notSeen(deployment)] };
  const declared = declaredVersion(deployment, observed);
  if ('refused' in declared) return { refused: [...probeRefusals, ...declared.refused] };
  const from = declared.version;
  const target = rollbackTarget(facts, from);
  if ('refused' in target) return { refused: [...probeRefusals, target.refused] };
  const toPoint = pointFor(facts, target.to);
  const kind = {
    operation: 'rollback',
    from,
    to: target.to,
    backup: { take: false, why: 'a rollback changes the runtime only' },
    ...(toPoint && { toPoint }),
    ...planRollbackMigrations(facts, from, target.to),
    extra: together(
      target.by === 'request' ? NOTHING : note(`${target.to} was found in ${FOUND[target.by]}`),
      recordNote(facts, target.to),
    ),
  } as const;
  return decidePlan(facts, kind, sha256);
}

/** Whose word it is; the same whether a registry answers or not, so that an approval stands. */
function recordNote({ recordedAt }: PlanFacts, to: string): Findings {
  if (recordedAt === undefined) return NOTHING;
  return note(
    `the images of ${to} are those of the record of ${recordedAt}; a node that does not have them any more pulls them, or waits until it can`,
  );
}
