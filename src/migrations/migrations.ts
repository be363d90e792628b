/**
 * The migrations of one deployment, whichever way they run.
 */
import type { ActContext, Reached } from '../domain/act.ts';
import type { Database } from '../domain/database.ts';
import type { MigrateSettings } from '../domain/deployment.ts';
import { failure } from '../domain/errors.ts';
import type { Inside } from '../process/inside.ts';
import { redact } from '../process/redact.ts';
import { resolveSecret, type SecretLookups } from '../process/secrets.ts';
import { readLedger } from './ledger.ts';
import { runCommand } from './run-command.ts';
import { runHttp } from './run-http.ts';
import { settleBackends, type Backend } from './settle-backends.ts';
import { waitForLedger, type LedgerState } from './wait-for-ledger.ts';
import type { Trouble } from './waiting.ts';

/** What {@link createMigrations} needs. */
export interface MigrationsDeps {
  /** The deployment's name, for errors. */
  readonly deployment: string;
  readonly settings: MigrateSettings;
  /** The deployment's database; undefined where it names none. */
  readonly database?: Database;
  readonly lookups: SecretLookups;
  /** `Target.run` bound to a component, `one-off`. */
  readonly oneOff: (component: string) => Inside;
  /** `Target.reach`. */
  readonly reach: (url: string, context: ActContext) => Promise<Reached>;
}

/** See {@link createMigrations}. */
export interface Migrations {
  /** Versions in the ledger; undefined when the deployment names none. */
  applied(context: ActContext): Promise<readonly number[] | undefined>;
  /**
   * Runs the migrations, or waits until the application has.
   *
   * @param wanted - what the ledger must hold in the end; undefined: not known.
   * @returns a sentence for the story.
   * @throws BelayError `release` when a migration fails, takes too long or its container gives up.
   */
  run(
    wanted: readonly number[] | undefined,
    trouble: Trouble,
    context: ActContext,
  ): Promise<string>;
  /**
   * Waits for, then ends, what an interrupted migration left at work in the database; says what.
   *
   * @param untilIso - sessions that began later are somebody else's: the old version's, on the way back.
   */
  quiesce(sinceIso: string, context: ActContext, untilIso?: string): Promise<readonly string[]>;
}

/** How long a migration's last statement may take to end by itself before the way back ends it. */
const GRACE_MS = 10_000;

/** Puts the ways of migrating behind one interface. */
export function createMigrations(deps: MigrationsDeps): Migrations {
  return {
    applied: ({ signal }) => applied(deps, signal),
    run: (wanted, trouble, context) => runMigrations(deps, wanted, trouble, context),
    quiesce: (sinceIso, context, untilIso) => quiesce(deps, context, sinceIso, untilIso),
  };
}

async function applied({ settings, database }: MigrationsDeps, signal: AbortSignal) {
  if (settings.how !== 'startup' || !database) return undefined;
  return readLedger(database, settings.ledger, signal);
}

async function runMigrations(
  deps: MigrationsDeps,
  wanted: readonly number[] | undefined,
  trouble: Trouble,
  context: ActContext,
): Promise<string> {
  const { settings } = deps;
  switch (settings.how) {
    case 'none':
      return 'no migrations are stated';
    case 'startup':
      return waitForStartup(deps, settings, wanted, trouble, context);
    case 'http': {
      const headers = await resolveHeaders(settings.headers, deps.lookups);
      const reach = (asked: ActContext) => deps.reach(settings.url, asked);
      const { said } = await runHttp({ ...settings, headers, trouble, reach }, context);
      return `${settings.method} ${redact(settings.url)} answered ${said}`;
    }
    case 'command': {
      const oneOff = deps.oneOff(settings.component);
      const { output } = await runCommand(oneOff, settings.argv, settings.timeoutMs, context);
      const lastLine = output.split('\n').at(-1) ?? '';
      return `the migration command succeeded${lastLine === '' ? '' : `: ${lastLine}`}`;
    }
  }
}

async function waitForStartup(
  { deployment, database }: MigrationsDeps,
  settings: Extract<MigrateSettings, { how: 'startup' }>,
  wanted: readonly number[] | undefined,
  trouble: Trouble,
  context: ActContext,
): Promise<string> {
  if (!wanted || wanted.length === 0) return 'the release states no migrations to wait for';
  if (!database) {
    throw failure(
      'request',
      'ledger-without-database',
      `deployment ${deployment}: migrate.ledger ${settings.ledger} can't be read, as no database is stated`,
      'state backup.postgres, or leave migrate.ledger out',
    );
  }
  const state = await waitForLedger(database, { ...settings, wanted, trouble }, context);
  if (state.ended === 'complete') return `${settings.ledger} holds ${wanted.join(', ')}`;
  throw incomplete(settings, state);
}

function incomplete(
  { ledger, timeoutMs }: { readonly ledger: string; readonly timeoutMs: number },
  { ended, why, missing }: LedgerState,
) {
  const lacking = `${ledger} still lacks ${missing.join(', ')}`;
  return ended === 'trouble'
    ? failure(
        'release',
        'migrate-container-gone',
        `the migrations did not finish: ${why ?? ''}; ${lacking}`,
        "the release is taken back; its container's log is among the evidence",
      )
    : failure(
        'release',
        'migrate-timeout',
        `the migrations did not finish within ${timeoutMs / 1000} s; ${lacking}`,
        'the release is taken back; raise migrate.timeout if the migrations need longer',
      );
}

async function resolveHeaders(
  headers: Extract<MigrateSettings, { how: 'http' }>['headers'],
  lookups: SecretLookups,
): Promise<Record<string, string>> {
  const resolved: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    resolved[name] = typeof value === 'string' ? value : await resolveSecret(value, lookups);
  }
  return resolved;
}

async function quiesce(
  { database }: MigrationsDeps,
  context: ActContext,
  sinceIso: string,
  untilIso: string | undefined,
): Promise<readonly string[]> {
  if (!database) return [];
  const request = {
    notOlderThan: sinceIso,
    ...(untilIso === undefined ? {} : { notYoungerThan: untilIso }),
    graceMs: GRACE_MS,
  };
  const { ended, left } = await settleBackends(database, request, context);
  return [
    ...ended.map((backend) => `ended ${describe(backend)}`),
    ...left.map((backend) => `could not end ${describe(backend)}`),
  ];
}

function describe({ pid, applicationName, clientAddress, state, runningMs }: Backend): string {
  const from = clientAddress === undefined ? '' : ` from ${clientAddress}`;
  const name = applicationName === '' ? '' : ` ${applicationName}`;
  return `database session ${pid}${name}${from} (${state} for ${Math.round(runningMs / 1000)} s)`;
}
