/**
 * The steps of a plan, in sentences, each with its undo. No sizes and no times that change from one look to the next:
 * the sentences are part of the digest.
 */
import type { Deployment } from '../domain/deployment.ts';
import type { Plan, PlanStep } from '../domain/plan.ts';
import { formatDuration } from '../domain/quantities.ts';

/** What the sentences are made from. */
export interface StepFacts extends Pick<
  Plan,
  | 'operation'
  | 'fromVersion'
  | 'toVersion'
  | 'fromPins'
  | 'toPins'
  | 'fromPoint'
  | 'toPoint'
  | 'source'
  | 'backup'
  | 'migrations'
> {
  readonly deployment: Deployment;
  readonly soakMs: number;
}

const NO_UNDO = 'none needed: nothing that runs is changed';

/** The steps in order. */
export function planSteps(facts: StepFacts): PlanStep[] {
  const { operation, backup, deployment, soakMs } = facts;
  const upgrade = operation === 'upgrade';
  return [
    ...(backup.take ? [backupStep(deployment)] : []),
    fetchStep(facts),
    swapStep(facts),
    ...(upgrade && deployment.migrate.how !== 'none' ? [migrateStep(facts)] : []),
    judgeStep(facts),
    ...(upgrade && soakMs > 0 ? [soakStep(facts)] : []),
    settleStep(facts),
  ];
}

function backupStep({ backup }: Deployment): PlanStep {
  if ('skip' in backup) return { phase: 'backup', does: 'takes no backup', undo: NO_UNDO };
  const { component, directory, keep } = backup.postgres;
  const where = component === undefined ? '' : ` inside the container of ${component}`;
  return {
    phase: 'backup',
    does: `dumps the database${where} to ${directory}, reads the dump to its end, keeps the newest ${keep}`,
    undo: NO_UNDO,
  };
}

function fetchStep({ source, toPins, toPoint }: StepFacts): PlanStep {
  const images = listed(Object.values(toPins).map(({ reference }) => reference));
  if (toPoint && source.from === 'registry')
    return {
      phase: 'fetch',
      does: `leaves ${images} to the nodes, which have them or pull them in the swap`,
      undo: NO_UNDO,
    };
  return {
    phase: 'fetch',
    does:
      source.from === 'registry'
        ? `pulls ${images} and compares identities`
        : `loads ${images} from ${source.path} and compares identities`,
    undo: 'none needed: images beside the running ones change nothing',
  };
}

function swapStep({ fromPins, toPins, fromPoint, toPoint }: StepFacts): PlanStep {
  const to = Object.entries(toPins).map(
    ([component, { reference }]) => `${component} on ${reference}`,
  );
  const from = Object.values(fromPins).map(({ reference }) => reference);
  return {
    phase: 'swap',
    does: `${toPoint ? `goes back to revision ${toPoint.revision}: ` : ''}declares and starts ${listed(to)}, and nothing else`,
    undo: fromPoint
      ? `goes back to revision ${fromPoint.revision}: ${listed(from)}`
      : `swaps back to ${listed(from)}, whose images are kept`,
  };
}

function migrateStep({ deployment: { migrate }, migrations, fromVersion }: StepFacts): PlanStep {
  const undo =
    migrations.kind === 'additive'
      ? `not undone: ${fromVersion} keeps working after them`
      : 'can not be undone: this is the point of no return';
  return { phase: 'migrate', does: migrates(migrate, migrations.wanted), undo };
}

function migrates(migrate: Deployment['migrate'], wanted: readonly number[] | undefined): string {
  switch (migrate.how) {
    case 'none':
      return 'runs no migrations';
    case 'startup':
      return wanted === undefined || wanted.length === 0
        ? 'the application migrates when it starts'
        : `waits until ${migrate.ledger} holds ${listed(wanted.map(String))}, for at most ${formatDuration(migrate.timeoutMs)}`;
    case 'http':
      return `sends ${migrate.method} ${migrate.url}, for at most ${formatDuration(migrate.timeoutMs)}`;
    case 'command':
      return `runs \`${migrate.argv.join(' ')}\` in a one-off container of ${migrate.component}, for at most ${formatDuration(migrate.timeoutMs)}`;
  }
}

function judgeStep({ deployment, operation, fromVersion, toVersion }: StepFacts): PlanStep {
  const { health, rollback } = deployment;
  const timeoutMs = operation === 'upgrade' ? health.timeoutMs : rollback.timeoutMs;
  const failing =
    rollback.onFailure === 'automatic'
      ? `if it fails: captures evidence and goes back to ${fromVersion}, judged within ${formatDuration(rollback.timeoutMs)}`
      : 'if it fails: captures evidence, parks, and waits for an operator';
  return {
    phase: 'judge',
    does: `asks ${health.url} until ${health.consecutive} answers in a row are healthy and the version is ${toVersion}, for at most ${formatDuration(timeoutMs)}`,
    undo: failing,
  };
}

function soakStep({ soakMs, toVersion, deployment, fromVersion }: StepFacts): PlanStep {
  return {
    phase: 'soak',
    does: `watches ${toVersion} for ${formatDuration(soakMs)}`,
    undo:
      deployment.rollback.onFailure === 'automatic'
        ? `if it does not stay healthy: goes back to ${fromVersion}`
        : 'if it does not stay healthy: parks',
  };
}

function settleStep({ deployment: { records }, operation, fromVersion }: StepFacts): PlanStep {
  const previous =
    operation === 'upgrade'
      ? `, and ${fromVersion} as the previous version into ${records.previous}`
      : '';
  return {
    phase: 'settle',
    does: `writes a line into ${records.history}${previous}`,
    undo: 'none needed',
  };
}

function listed(texts: readonly string[]): string {
  return texts.join(', ');
}
