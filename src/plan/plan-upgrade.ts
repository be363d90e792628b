/**
 * Plans an upgrade.
 */
import type { Deployment } from '../domain/deployment.ts';
import type { Plan } from '../domain/plan.ts';
import { checkRange } from './check-release.ts';
import { decidePlan, type PlanResult } from './decide-plan.ts';
import type { PlanFacts } from './facts.ts';
import { note, NOTHING, together } from './findings.ts';
import { declaredVersion } from './from-version.ts';
import type { Sha256 } from './plan-digest.ts';
import { planUpgradeMigrations } from './plan-migrations.ts';

/**
 * The upgrade in full, or every reason why not, those of the probes among them. Pure: the same facts give the same plan
 * with the same digest.
 */
export function planUpgrade(facts: PlanFacts, sha256: Sha256): PlanResult {
  const { deployment, request, observed, probeRefusals } = facts;
  const { to } = request;
  if (to === undefined) return { refused: [...probeRefusals, noVersion(deployment)] };
  if (!observed)
    return {
      refused: [...probeRefusals, ...(probeRefusals.length === 0 ? [notSeen(deployment)] : [])],
    };
  const declared = declaredVersion(deployment, observed);
  if ('refused' in declared) return { refused: [...probeRefusals, ...declared.refused] };
  const from = declared.version;
  const backup = backupOf(deployment);
  const kind = {
    operation: 'upgrade',
    from,
    to,
    backup,
    ...planUpgradeMigrations(facts, from, to),
    extra: together(
      checkRange(facts, from),
      backup.take ? NOTHING : note(`no backup is taken: ${backup.why}`),
    ),
  } as const;
  return decidePlan(facts, kind, sha256);
}

function backupOf({ backup }: Deployment): Plan['backup'] {
  return 'skip' in backup ? { take: false, why: backup.skip } : { take: true };
}

function noVersion({ name }: Deployment) {
  return {
    code: 'bad-input',
    message: `${name}: the upgrade names no version`,
    remedy: `Name one: belay upgrade ${name} --to VERSION`,
  };
}

/** Used where neither an observation nor a reason for its lack has come. */
export function notSeen({ name }: Deployment) {
  return {
    code: 'not-observed',
    message: `${name}: what runs could not be observed`,
    remedy: "Try again; if it stays so, look at the log of the site's worker",
  };
}
