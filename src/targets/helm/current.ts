/**
 * The release as it stands: its history, and the manifest of the revision that serves.
 */
import { failure } from '../../domain/errors.ts';
import { deployedOf, isPending, readHistory, readManifest, type HelmRevision } from './history.ts';
import { parseManifest, type DeclaredObject } from './objects.ts';
import type { Scope } from './scope.ts';

/** What the release declares now. */
export interface Current {
  readonly history: readonly HelmRevision[];
  /** The newest entry, whatever its status. */
  readonly last: HelmRevision;
  /** The one that serves. */
  readonly deployed: HelmRevision;
  readonly objects: readonly DeclaredObject[];
}

/** Who asks while an answer is on its way shares it: helm takes a tenth of a second for each. */
const asked = new WeakMap<Scope, Promise<Current>>();

/**
 * Reads it.
 *
 * @throws BelayError `release-missing`, `release-not-installed` (request).
 */
export function readCurrent(scope: Scope, signal: AbortSignal): Promise<Current> {
  const underWay = asked.get(scope);
  if (underWay) return underWay;
  const answer = askCurrent(scope, signal).finally(() => asked.delete(scope));
  asked.set(scope, answer);
  return answer;
}

async function askCurrent(scope: Scope, signal: AbortSignal): Promise<Current> {
  const { release, cluster } = scope.settings;
  const history = await readHistory(scope.helm, release, signal);
  const last = history.at(-1);
  const deployed = deployedOf(history);
  if (!last || !deployed)
    throw failure(
      'request',
      'release-not-installed',
      `Release ${release} in namespace ${cluster.namespace} is not deployed${last ? `: it is ${last.status} since ${last.updated} (${last.description})` : ''}`,
      'Install it first (or finish, or remove, the installation that failed)',
    );
  const manifest = await readManifest(scope.helm, release, deployed.revision, signal);
  return { history, last, deployed, objects: parseManifest(manifest) };
}

/** Why nothing may be begun on the release: a helm is at work on it, or was killed there. */
export function refusePending(scope: Scope, { last }: Current): void {
  if (!isPending(last)) return;
  const { release, cluster } = scope.settings;
  throw failure(
    'request',
    'release-pending',
    `Release ${release} is ${last.status} since ${last.updated} (revision ${last.revision}: ${last.description}): another helm is at work on it, or was killed there`,
    `Wait for it; when nobody is at work on it any more: helm rollback ${release} --namespace ${cluster.namespace}`,
  );
}
