/**
 * What brings a release to its goal, from where it stands. Pure.
 */
import { deployedOf, isPending, type HelmRevision } from './history.ts';

/** What is known when the decision falls. */
export interface Standing {
  /** Oldest first. */
  readonly history: readonly HelmRevision[];
  /** The goal's revision, when it goes to a point of the history. */
  readonly toRevision?: number;
  /** Whether the deployed revision's manifest is that revision's. */
  readonly atRevision: boolean;
  /** Whether the deployed revision declares the goal's images. */
  readonly declaresPins: boolean;
  /** Whether a workload is gone from the cluster, or was given other images than the deployed revision declares. */
  readonly liveDiffers: boolean;
  /** How the operation's own revisions are described. */
  readonly ownDescription: string;
  /** Newest revision that was there when the operation began. */
  readonly began: number;
  /** Whether the newest revision carries this operation's own mark, not one handed on from an earlier revision. */
  readonly lastIsMarked: boolean;
}

/** The next step. */
export type NextStep =
  | { readonly do: 'watch' }
  | { readonly do: 'upgrade' }
  | { readonly do: 'rollback'; readonly revision: number }
  /** Out of a state that a killed helm left: back to the deployed revision, then the decision falls anew. */
  | { readonly do: 'recover'; readonly revision: number }
  | { readonly do: 'stop'; readonly code: string; readonly why: string };

/** The next step of a swap, under the operation's own claim and with its earlier programs ended. */
export function nextStep(standing: Standing): NextStep {
  const { history, toRevision, ownDescription, began, lastIsMarked } = standing;
  const last = history.at(-1);
  if (!last) return { do: 'stop', code: 'release-missing', why: 'it is gone' };
  if (last.status === 'pending-install' || last.status === 'uninstalling')
    return { do: 'stop', code: 'release-pending', why: `it is ${last.status}` };
  const isOurs =
    lastIsMarked || last.description === ownDescription || isRollbackOfOurs(last, standing);
  if (isPending(last)) {
    if (last.revision <= began || !isOurs)
      return {
        do: 'stop',
        code: 'release-pending',
        why: `it is ${last.status} since ${last.updated} (revision ${last.revision}), and this operation did not do that`,
      };
    // A rollback leads out of it by itself.
    if (toRevision !== undefined) return { do: 'rollback', revision: toRevision };
    const way = deployedOf(history);
    return way
      ? { do: 'recover', revision: way.revision }
      : { do: 'stop', code: 'release-pending', why: 'no revision of it ever served' };
  }
  if (last.revision > began && !isOurs)
    return {
      do: 'stop',
      code: 'release-changed',
      why: `somebody made revision ${last.revision} meanwhile (${last.description})`,
    };
  const settled = last.status === 'deployed' && !standing.liveDiffers;
  if (toRevision !== undefined)
    return settled && standing.atRevision
      ? { do: 'watch' }
      : { do: 'rollback', revision: toRevision };
  return settled && standing.declaresPins && last.revision > began
    ? { do: 'watch' }
    : { do: 'upgrade' };
}

/**
 * Helm describes a rollback by its target, or by its failure, and takes no mark with it. Nobody else has a reason to go
 * where the operation came from or goes to.
 */
function isRollbackOfOurs({ description }: HelmRevision, { toRevision, began }: Standing): boolean {
  if (/^Rollback "[^"]*" failed/.test(description)) return true;
  const to = /^Rollback to (\d+)$/.exec(description)?.[1];
  return to !== undefined && (Number(to) === toRevision || Number(to) <= began);
}
