/**
 * A good deployment file → the deployment: durations are milliseconds already, paths become absolute here.
 */
import { join, resolve } from 'node:path';
import type {
  BackupSettings,
  Deployment,
  HealthSettings,
  MigrateSettings,
  SecretRef,
  VersionSource,
  WindowSettings,
} from '../domain/deployment.ts';
import type { DeploymentFile } from './deployment-schema.ts';
import type { FileProblem } from './explain.ts';
import { readTarget, type ReadTarget } from './to-target.ts';

/** Where a deployment file lies. */
export interface FileOrigin {
  /** Absolute path. */
  readonly file: string;
  /** sha256 of its bytes. */
  readonly digest: string;
}

/** Turns the file into a deployment, or says what its parts together don't allow. */
export function toDeployment(
  written: DeploymentFile,
  { file, digest }: FileOrigin,
): { readonly deployment: Deployment } | { readonly problems: readonly FileProblem[] } {
  const target = readTarget(written, file);
  const problems = crossCheck(written, target);
  const only = Object.keys(target.components)[0];
  if (problems.length > 0 || only === undefined) return { problems };
  const at = (path: string) => resolve(target.settings.directory, path);
  const { tenant, window, releases, rollback } = written;
  const deployment: Deployment = {
    name: written.name,
    file,
    fileDigest: digest,
    ...(tenant !== undefined && { tenant }),
    labels: written.labels,
    site: written.site,
    target: target.settings,
    components: target.components,
    version: toVersion(written.version, only),
    backup: toBackup(written.backup, at),
    migrate: toMigrate(written.migrate, only, at),
    health: toHealth(written.health),
    soakMs: written.soak,
    approval: written.approval,
    ...(window && { window: toWindow(window) }),
    rollback: {
      onFailure: rollback['on-failure'],
      restoreDatabase: rollback['restore-database'],
      timeoutMs: rollback.timeout,
    },
    records: toRecords(written.records, target, at),
    logs: at(written.logs ?? (target.inside ? `.belay/${written.name}/logs` : '.belay/logs')),
    ...(releases !== undefined && { releases: at(releases) }),
    bundles: written.bundles.map(at),
    patienceMs: written.patience,
  };
  return { deployment };
}

function toRecords(
  { history, previous }: DeploymentFile['records'],
  { recordsFolder }: ReadTarget,
  at: Absolute,
): Deployment['records'] {
  return {
    history: at(history ?? join(recordsFolder, '.atlas-upgrade-history')),
    previous: at(previous ?? join(recordsFolder, '.atlas-previous-version')),
  };
}

function crossCheck(
  { version, migrate, backup, health }: DeploymentFile,
  { components, neighbours, inside }: ReadTarget,
): FileProblem[] {
  const names = Object.keys(components);
  const component = (path: readonly string[], given: string | undefined): FileProblem[] => {
    if (given === undefined && names.length === 1) return [];
    if (given !== undefined && names.includes(given)) return [];
    const message =
      given === undefined
        ? 'lacks "component", which must be named where there are several'
        : `expected one of the components, found "${given}"`;
    return [{ path, message, remedy: `Components are: ${names.join(', ')}` }];
  };
  const outside = (path: readonly string[], url: string | undefined): FileProblem[] =>
    inside || url === undefined || !url.startsWith('service:')
      ? []
      : [
          {
            path,
            message: `${url} leads into a cluster, and this target is none`,
            remedy: 'Publish the port and give its http:// URL',
          },
        ];
  const database = backup.postgres?.component;
  const beside = neighbours && [...names, ...neighbours];
  const needsLedger = migrate.how === 'startup' && migrate.ledger !== undefined;
  return [
    ...(version.http === undefined ? component(['version', 'component'], version.component) : []),
    ...(migrate.how === 'command' ? component(['migrate', 'component'], migrate.component) : []),
    ...outside(['health', 'url'], health.url),
    ...outside(['version', 'http'], version.http),
    ...outside(['migrate', 'url'], migrate.how === 'http' ? migrate.url : undefined),
    ...(beside && database !== undefined && !beside.includes(database)
      ? [
          {
            path: ['backup', 'postgres', 'component'],
            message: `expected a component or a neighbour, found "${database}"`,
            remedy: `There are: ${beside.join(', ')}. Name the database's workload under target neighbours`,
          },
        ]
      : []),
    ...(needsLedger && backup.postgres === undefined
      ? [
          {
            path: ['migrate', 'ledger'],
            message: 'there is no database to read it from, because backup.postgres is not stated',
            remedy:
              'State backup.postgres, or leave the ledger out: the health gate alone decides then',
          },
        ]
      : []),
  ];
}

function toVersion(version: DeploymentFile['version'], only: string): VersionSource {
  const component = version.component ?? only;
  if (version.http !== undefined) {
    return { how: 'http', url: version.http, jsonPath: (version.json ?? 'version').split('.') };
  }
  if (version.label !== undefined) return { how: 'label', component, label: version.label };
  if (version.command !== undefined) return { how: 'command', component, argv: version.command };
  return { how: 'file', component, path: version.file ?? '' };
}

function toHealth(health: DeploymentFile['health']): HealthSettings {
  return {
    url: health.url,
    expect: health.expect,
    timeoutMs: health.timeout,
    consecutive: health.consecutive,
    intervalMs: health.interval,
    requestTimeoutMs: health['request-timeout'],
    maxRestarts: health['max-restarts'],
  };
}

function toWindow(window: NonNullable<DeploymentFile['window']>): WindowSettings {
  return { from: window.from, to: window.to, timeZone: window['time-zone'] };
}

type Absolute = (path: string) => string;

function toSecretRef(
  ref: { env?: string | undefined; file?: string | undefined },
  at: Absolute,
): SecretRef {
  return ref.env !== undefined ? { env: ref.env } : { file: at(ref.file ?? '') };
}

function toBackup({ postgres, skip }: DeploymentFile['backup'], at: Absolute): BackupSettings {
  if (postgres === undefined) return { skip: skip ?? '' };
  return {
    postgres: {
      url: toSecretRef(postgres.url, at),
      ...(postgres.component !== undefined && { component: postgres.component }),
      directory: at(postgres.directory),
      keep: postgres.keep,
      timeoutMs: postgres.timeout,
    },
  };
}

function toMigrate(
  migrate: DeploymentFile['migrate'],
  only: string,
  at: Absolute,
): MigrateSettings {
  switch (migrate.how) {
    case 'none':
      return { how: 'none' };
    case 'startup':
      // Without a ledger there is nothing to look at: the health gate alone says that it started.
      return migrate.ledger === undefined
        ? { how: 'none' }
        : { how: 'startup', ledger: migrate.ledger, timeoutMs: migrate.timeout };
    case 'http':
      return {
        how: 'http',
        url: migrate.url,
        method: migrate.method,
        headers: Object.fromEntries(
          Object.entries(migrate.headers).map(([name, value]) => [
            name,
            typeof value === 'string' ? value : toSecretRef(value, at),
          ]),
        ),
        timeoutMs: migrate.timeout,
      };
    case 'command':
      return {
        how: 'command',
        component: migrate.component ?? only,
        argv: migrate.command,
        timeoutMs: migrate.timeout,
      };
  }
}
