/**
 * What tells an operation's own revisions from everybody else's. Helm shows a description only when it is done, so a
 * revision that a killed helm left is told by its labels; those are handed on from one revision to the next, so each
 * names the revision that it was made for.
 */
import { found } from '../../cluster/failures.ts';
import type { Claim } from '../../domain/target.ts';
import type { Scope } from './scope.ts';

const OPERATION = 'belay.dev/operation';
const REVISION = 'belay.dev/revision';

/** How the operation's own revisions are described. */
export function descriptionOf({ operation, runId, fromVersion, toVersion }: Claim): string {
  return `belay ${operation} ${fromVersion} → ${toVersion} (run ${runId})`;
}

/** Arguments that mark the revision that an upgrade makes. */
export function markArgs(claim: Claim, revision: number): readonly string[] {
  const labels = `${OPERATION}=${operationOf(claim)},${REVISION}=${revision}`;
  return ['--description', descriptionOf(claim), '--labels', labels];
}

/** Whether a revision was made by this operation, whichever of its runs. */
export async function isMarked(scope: Scope, claim: Claim, revision: number): Promise<boolean> {
  const labels = await labelsOf(scope, revision);
  return labels[OPERATION] === operationOf(claim) && labels[REVISION] === String(revision);
}

/** The same for every run that takes the claim over. */
function operationOf({ startedAt, planDigest }: Claim): string {
  return `${startedAt}-${planDigest.slice(0, 12)}`
    .replaceAll(/[^A-Za-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}

async function labelsOf(scope: Scope, revision: number): Promise<Readonly<Record<string, string>>> {
  const { core, namespace } = scope.cluster();
  const name = `sh.helm.release.v1.${scope.settings.release}.v${revision}`;
  const stored = /^configmaps?$/i.test(scope.environment['HELM_DRIVER'] ?? '')
    ? await found(`reading ConfigMap/${name}`, core.readNamespacedConfigMap({ name, namespace }))
    : await found(`reading Secret/${name}`, core.readNamespacedSecret({ name, namespace }));
  return stored?.metadata?.labels ?? {};
}
