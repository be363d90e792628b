/** Puts the activities' dependencies together. */
import type { ActivityDeps, TemporalLookup } from '../activities/deps.ts';
import { createDatabase, createPostgresBackup, type PostgresDeps } from '../backup/postgres.ts';
import { loadRelease } from '../config/load-release.ts';
import type { Deployment } from '../domain/deployment.ts';
import { createMigrations, type Migrations } from '../migrations/migrations.ts';
import type { Inside } from '../process/inside.ts';
import type { SecretLookups } from '../process/secrets.ts';
import { createComposeTarget } from '../targets/compose/index.ts';
import { createHelmTarget } from '../targets/helm/index.ts';
import { createKubernetesTarget } from '../targets/kubernetes/index.ts';
import type { Target } from '../targets/target.ts';
import { findDeployment } from './find-deployment.ts';

/** What the dependencies need from the worker. */
export interface DepsOptions {
  readonly temporal: TemporalLookup;
  /** Folders that the worker was started with, absolute. */
  readonly deploymentFolders: readonly string[];
}

/** Real files, real targets. */
export function createDeps({ temporal, deploymentFolders }: DepsOptions): ActivityDeps {
  return {
    temporal,
    loadDeployment: (name) => findDeployment(deploymentFolders, name),
    loadRelease: async ({ releases }, version) =>
      releases === undefined ? undefined : loadRelease(releases, version),
    target: createTargets(),
    backup: (deployment, target) => {
      const postgres = postgresOf(deployment, target);
      return postgres && createPostgresBackup(postgres);
    },
    migrations: migrationsOf,
  };
}

/** More deployments than these at once are resolved anew. */
const MAX_TARGETS = 64;

/** Keeps the target of a deployment file's very content: what it has resolved serves the next act too. */
function createTargets(): (deployment: Deployment) => Target {
  const known = new Map<string, Target>();
  return (deployment) => {
    const key = `${deployment.file} ${deployment.fileDigest}`;
    const target = known.get(key) ?? createTarget(deployment);
    known.delete(key);
    known.set(key, target);
    const oldest = known.keys().next().value;
    if (known.size > MAX_TARGETS && oldest !== undefined) known.delete(oldest);
    return target;
  };
}

/** The one place that knows which kinds of target there are. */
function createTarget({ target, components }: Deployment): Target {
  switch (target.kind) {
    case 'compose':
      return createComposeTarget(target, components);
    case 'helm':
      return createHelmTarget(target, components);
    case 'kubernetes':
      return createKubernetesTarget(target, components);
  }
}

function migrationsOf(deployment: Deployment, target: Target): Migrations {
  const postgres = postgresOf(deployment, target);
  return createMigrations({
    deployment: deployment.name,
    settings: deployment.migrate,
    lookups: lookupsOf(deployment, target),
    oneOff: (component) => (argv, options, context) =>
      target.run(component, argv, 'one-off', options, context),
    reach: (url, context) => target.reach(url, {}, context),
    ...(postgres && { database: createDatabase(postgres) }),
  });
}

/** How the deployment's database is reached; undefined where it names none. */
function postgresOf(deployment: Deployment, target: Target): PostgresDeps | undefined {
  if ('skip' in deployment.backup) return undefined;
  return {
    deployment: deployment.name,
    settings: deployment.backup.postgres,
    lookups: lookupsOf(deployment, target),
    inside: (component) => insideOf(target, component),
  };
}

/** References are looked up in the worker's environment, then in the target's own files. */
function lookupsOf({ name }: Deployment, target: Target): SecretLookups {
  return {
    deployment: name,
    environment: process.env,
    variable: (variable) => target.variable(variable),
  };
}

function insideOf(target: Target, component: string): Inside {
  return (argv, options, context) => target.run(component, argv, 'inside', options, context);
}
