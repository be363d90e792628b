/**
 * What an operation means for the database's schema, and whether there is a way back from it.
 */
import type { MigrationKind, Release } from '../domain/deployment.ts';
import type { Plan } from '../domain/plan.ts';
import type { PlanFacts } from './facts.ts';
import { NOTHING, note, refuse, together, type Findings } from './findings.ts';

/** The plan's part about migrations, and what speaks against it. */
export interface MigrationsPlan {
  readonly migrations: Plan['migrations'];
  readonly findings: Findings;
}

/** The migrations that an upgrade brings. */
export function planUpgradeMigrations(facts: PlanFacts, from: string, to: string): MigrationsPlan {
  const { release, database, deployment } = facts;
  if (!release) {
    const assumption = `there is no release file for ${to}: the version is the tag, and its migrations are assumed to leave ${from} working`;
    return { migrations: { kind: 'additive', note: assumption }, findings: note(assumption) };
  }
  const ledger = database?.ledger;
  const open = release.migrations.filter(({ version }) => !ledger?.includes(version));
  const kind = worstKind(open);
  const known = ledger !== undefined || release.migrations.length === 0;
  const migrations: Plan['migrations'] = {
    ...(known && { pending: numbers(open) }),
    ...(deployment.migrate.how === 'startup' && { wanted: numbers(release.migrations) }),
    kind,
    note: upgradeNote(open.length, kind, from, to),
  };
  return {
    migrations,
    findings: together(
      checkPointOfNoReturn(facts, open, from, to),
      checkLedger(release, ledger, to),
      deployment.migrate.how === 'none' && open.length > 0
        ? note(
            `${to} brings migrations, which nothing here waits for: the deployment file names no ledger and no command`,
          )
        : NOTHING,
    ),
  };
}

/**
 * Databases are not restored automatically. So once a breaking migration has run, the automatic way back would start an
 * old version on a schema that its own publisher says it doesn't work with, and might even pass the health gate while
 * it damages data. Only an operator can decide then: without `on-failure: park`, such an upgrade is refused. `unknown`
 * is never treated as additive.
 */
function checkPointOfNoReturn(
  { deployment: { name, rollback } }: PlanFacts,
  open: Release['migrations'],
  from: string,
  to: string,
): Findings {
  const risky = open.filter(({ kind }) => kind !== 'additive');
  if (risky.length === 0) return NOTHING;
  const listed = risky.map(({ version, kind }) => `${version} (${kind})`).join(', ');
  if (rollback.onFailure === 'park') {
    return note(
      `point of no return: after the migrations ${listed}, ${from} may not work any more; a failure parks and an operator decides`,
    );
  }
  return refuse(
    'point-of-no-return',
    `${name}: ${to} brings the migrations ${listed}, after which ${from} may not work any more, so an automatic way back can't be promised`,
    'State `rollback: {on-failure: park}` in the deployment file, so that an operator decides when it fails',
  );
}

function checkLedger(
  release: Release,
  ledger: readonly number[] | undefined,
  to: string,
): Findings {
  const newest = Math.max(...release.migrations.map(({ version }) => version));
  const newer = (ledger ?? []).filter((version) => version > newest);
  if (release.migrations.length === 0 || newer.length === 0) return NOTHING;
  return note(
    `the ledger holds ${newer.join(', ')} already, newer than anything that ${to} brings: the database may come from a later version`,
  );
}

/** What a rollback leaves behind in the schema. */
export function planRollbackMigrations(facts: PlanFacts, from: string, to: string): MigrationsPlan {
  const { leaving, database, deployment } = facts;
  if (!leaving) {
    const text = `there is no release file for ${from}: its migrations stay, and are assumed to leave ${to} working`;
    return { migrations: { kind: 'additive', note: text }, findings: note(text) };
  }
  const ledger = database?.ledger;
  const kept = leaving.migrations.filter(({ version }) => ledger?.includes(version) ?? true);
  const kind = worstKind(kept);
  const listed = kept.map((migration) => `${migration.version} (${migration.kind})`).join(', ');
  const text =
    kept.length === 0
      ? `${from} brought no migrations`
      : `the migrations ${listed} of ${from} stay: schemas are not taken back`;
  const findings =
    kind === 'breaking'
      ? refuse(
          'rollback-breaking',
          `${deployment.name}: ${to} does not work with the schema that ${from} has left (migrations ${listed})`,
          `Go forward to a mended version, or restore by hand the backup that was taken before ${from}, with its version`,
        )
      : kind === 'unknown'
        ? note(
            `${text}; whether ${to} works with them is not known: the health gate has to show it`,
          )
        : NOTHING;
  return { migrations: { kind, note: text }, findings };
}

function worstKind(migrations: Release['migrations']): MigrationKind {
  const kinds = migrations.map(({ kind }) => kind);
  if (kinds.includes('breaking')) return 'breaking';
  return kinds.includes('unknown') ? 'unknown' : 'additive';
}

function numbers(migrations: Release['migrations']): number[] {
  return migrations.map(({ version }) => version).sort((a, b) => a - b);
}

function upgradeNote(open: number, kind: MigrationKind, from: string, to: string): string {
  if (open === 0) return `${to} brings no migrations that are not applied already`;
  const sources = `says the release file of ${to}`;
  if (kind === 'additive') return `${from} keeps working after them, ${sources}`;
  if (kind === 'breaking') return `${from} does not work any more after them, ${sources}`;
  return `whether ${from} keeps working after them is not known, ${sources}`;
}
