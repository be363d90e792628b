/** The database, its ledger and the directory for its backups, as far as a plan needs them. */
import type { Deployment } from '../domain/deployment.ts';
import type { PlanFacts } from '../plan/facts.ts';
import type { ActContext } from '../domain/act.ts';
import type { Target } from '../targets/target.ts';
import type { ActivityDeps } from './deps.ts';
import type { Probes } from './probes.ts';

/** Facts of the data; `backup` belongs among the disk's. */
export interface DataFacts {
  readonly database?: NonNullable<PlanFacts['database']>;
  readonly backup?: NonNullable<NonNullable<PlanFacts['disk']>['backup']>;
}

/** What could not be found out is missing, and its reason is among the probes' refusals. */
export async function observeData(
  deps: ActivityDeps,
  deployment: Deployment,
  target: Target,
  context: ActContext,
  probes: Probes,
): Promise<DataFacts> {
  const backup = deps.backup(deployment, target);
  if (!backup) return {};
  const directory = await backup.checkDirectory();
  probes.refuse(directory.refusals);
  const facts = await probes.ask(() => backup.probe(context.signal));
  const room =
    directory.freeBytes === undefined
      ? undefined
      : { directory: directory.directory, freeBytes: directory.freeBytes };
  if (!facts) return room ? { backup: room } : {};
  await probes.ask(() => backup.checkTools(facts, context.signal));
  const ledger = await probes.ask(() => deps.migrations(deployment, target).applied(context));
  return {
    database: {
      serverVersion: facts.serverVersion,
      sizeBytes: facts.sizeBytes,
      ...(ledger && { ledger }),
    },
    ...(room && { backup: { ...room, needBytes: facts.sizeBytes } }),
  };
}
