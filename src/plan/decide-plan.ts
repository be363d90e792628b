/**
 * From facts to a plan, or to every reason against it at once. Shared by upgrade and rollback, which say how they differ.
 */
import type { Refusal } from '../domain/errors.ts';
import { referenceFor } from '../domain/image-tag.ts';
import type { Plan } from '../domain/plan.ts';
import type { Pins, Point } from '../domain/target.ts';
import { checkHazards } from './check-hazards.ts';
import { checkDirection, checkRuntime } from './check-runtime.ts';
import { checkRelease, transferBytes } from './check-release.ts';
import type { PlanFacts } from './facts.ts';
import { note, together, type Findings } from './findings.ts';
import { planDigest, type Sha256 } from './plan-digest.ts';
import type { MigrationsPlan } from './plan-migrations.ts';
import { planSteps } from './plan-steps.ts';

/** A plan, or why there is none. */
export type PlanResult = { readonly plan: Plan } | { readonly refused: readonly Refusal[] };

/** How the operations differ. */
export interface PlanKind extends MigrationsPlan {
  readonly operation: 'upgrade' | 'rollback';
  readonly from: string;
  readonly to: string;
  readonly backup: Plan['backup'];
  /** The point of the target's own history that is gone to, where there is one. */
  readonly toPoint?: Point;
  /** Further findings of this operation. */
  readonly extra: Findings;
}

/** Without a measured one: stopping and starting a container takes about this long (ms). */
const GUESSED_DOWNTIME_MS = 5_000;

/** Checks everything, then writes the plan. */
export function decidePlan(facts: PlanFacts, kind: PlanKind, sha256: Sha256): PlanResult {
  const { operation, from, to } = kind;
  const findings = together(
    { refused: facts.probeRefusals, notes: [] },
    checkDirection(operation, facts, from, to),
    kind.extra,
    checkRuntime(operation, facts, from),
    checkRelease(facts, to),
    checkHazards(facts),
    ...(facts.previewNotes ?? []).map(note),
    kind.findings,
  );
  if (findings.refused.length > 0) return { refused: findings.refused };
  const complete = completeFacts(facts, operation);
  if ('refused' in complete) return complete;
  if (complete.changes.length === 0) return { refused: [nothingChanges(facts, to)] };
  const plan = writePlan(facts, complete, kind, findings.notes, sha256);
  const wanted = facts.request.planDigest;
  if (wanted !== undefined && wanted !== plan.digest) {
    return { refused: [otherPlan(facts, wanted, plan.digest)] };
  }
  return { plan };
}

type Complete = Required<Pick<PlanFacts, 'observed' | 'available' | 'fromPins' | 'changes'>>;

/** A probe that neither found nor refused is a defect: better no plan than one with a hole. */
function completeFacts(
  facts: PlanFacts,
  operation: 'upgrade' | 'rollback',
): Complete | { readonly refused: readonly Refusal[] } {
  const { observed, available, fromPins, changes, request, deployment, database } = facts;
  const upgrade = operation === 'upgrade';
  const needsDatabase = upgrade && 'postgres' in deployment.backup;
  const missing = [
    upgrade && !facts.healthBefore ? 'its health' : '',
    upgrade && facts.runningVersion === undefined && request.evenIfUnhealthy !== true
      ? 'the version that it reports'
      : '',
    needsDatabase && !database ? 'its database' : '',
    available ? '' : 'the images of the wanted version',
  ].filter((fact) => fact !== '');
  if (observed && available && fromPins && changes && missing.length === 0) {
    return { observed, available, fromPins, changes };
  }
  if (!fromPins) missing.push('the images that run now');
  if (!observed || !changes) missing.push('what runs and what would be changed');
  return {
    refused: [
      {
        code: 'not-observed',
        message: `${deployment.name}: not everything could be observed: ${missing.join(', ')}`,
        remedy: 'Try again; if it stays so, look at the log of the site’s worker',
      },
    ],
  };
}

function writePlan(
  { deployment, request, source, available, database, lastDowntimeMs }: PlanFacts,
  { observed, fromPins, changes }: Complete,
  { operation, from, to, backup, migrations, toPoint }: PlanKind,
  notes: readonly string[],
  sha256: Sha256,
): Plan {
  const decided = {
    deployment: deployment.name,
    operation,
    fromVersion: from,
    toVersion: to,
    fromPins: pick(fromPins, Object.keys(deployment.components)),
    toPins: toPins(deployment.components, available, to, toPoint),
    ...(observed.point && { fromPoint: observed.point }),
    ...(toPoint && { toPoint }),
    source,
    backup,
    migrations,
  } as const;
  const soakMs = request.soak ?? deployment.soakMs;
  const plan: Omit<Plan, 'digest'> = {
    ...decided,
    fileDigest: deployment.fileDigest,
    engineId: observed.engineId,
    machineId: observed.machineId,
    changes,
    steps: planSteps({ ...decided, deployment, soakMs }),
    notes,
    estimates: {
      transferBytes: transferBytes(available),
      ...(backup.take && database && { backupBytes: database.sizeBytes }),
      downtimeMs: lastDowntimeMs ?? GUESSED_DOWNTIME_MS,
    },
  };
  return { ...plan, digest: planDigest(plan, sha256) };
}

function pick(pins: Pins, components: readonly string[]): Pins {
  return Object.fromEntries(
    Object.entries(pins).filter(([component]) => components.includes(component)),
  );
}

/** A point declares its images itself, and nodes that ran it have them: no digest to fetch them by. */
function toPins(
  components: PlanFacts['deployment']['components'],
  available: PlanFacts['available'],
  to: string,
  toPoint: Point | undefined,
): Pins {
  return Object.fromEntries(
    Object.entries(components).map(([component, settings]) => {
      const image = available?.[component];
      const digest = toPoint ? undefined : image?.digest;
      return [
        component,
        {
          reference: referenceFor(settings, to),
          imageId: image?.imageId ?? '',
          ...(digest !== undefined && { digest }),
        },
      ];
    }),
  );
}

function nothingChanges({ deployment: { name } }: PlanFacts, to: string): Refusal {
  return {
    code: 'nothing-changes',
    message: `${name}: going to ${to} would change nothing`,
    remedy: "Check that each component's tag has {version} in it, and that the images differ",
  };
}

function otherPlan({ deployment: { name } }: PlanFacts, wanted: string, digest: string): Refusal {
  return {
    code: 'plan-digest',
    message: `${name}: the plan would be ${digest} now, not ${wanted} as the request says`,
    remedy: `Something has changed since: read the plan again with \`belay plan ${name}\``,
  };
}
