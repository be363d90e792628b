/** Puts the activities' dependencies together. */
import type { ActivityDeps, TemporalLookup } from '../activities/deps.ts';
import { loadRelease } from '../config/load-release.ts';
import type { Deployment } from '../domain/deployment.ts';
import { createComposeTarget } from '../targets/compose/index.ts';
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
    target: createTarget,
    backup: () => undefined,
    migrations: () => ({
      applied: () => Promise.resolve(undefined),
      run: () => Promise.resolve('temporary'),
      quiesce: () => Promise.resolve([]),
    }),
  };
}

/** The one place that knows which kinds of target there are. */
function createTarget({ target, components }: Deployment): Target {
  return createComposeTarget(target, components);
}
