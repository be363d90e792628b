/**
 * Which version a rollback goes to.
 */
import type { Refusal } from '../domain/errors.ts';
import { previousByHistory } from '../domain/record.ts';
import { compareVersions, isSameVersion } from './compare-versions.ts';
import type { Revision } from '../domain/target.ts';
import type { PlanFacts } from './facts.ts';
import { askedRevision, versionOfRevision, type PointFacts } from './rollback-point.ts';

/** What the choice depends on. */
export type RollbackFacts = PointFacts &
  Pick<PlanFacts, 'request' | 'history' | 'previous' | 'localVersions'>;

/** A version, and how it was found. */
export type RollbackTarget =
  | { readonly to: string; readonly by: 'request' | 'revision' | 'record' | 'history' | 'images' }
  | { readonly refused: Refusal };

/**
 * The version asked for, else the recorded previous one, else the history's, else the newest older one whose image is in
 * the local store. Never forward and never to where it is already: after one rollback, the record names what runs now,
 * and a second rollback goes further back or says that nothing is there.
 */
export function rollbackTarget(facts: RollbackFacts, from: string): RollbackTarget {
  const { request, previous, history = [], localVersions = [] } = facts;
  const asked = askedRevision(facts);
  if (asked) return 'refused' in asked ? asked : toRevision(facts, asked);
  if (request.to !== undefined) return { to: request.to, by: 'request' };
  const isFurtherBack = (version: string) =>
    !isSameVersion(version, from) && (compareVersions(version, from) ?? -1) < 0;
  if (previous !== undefined && isFurtherBack(previous)) return { to: previous, by: 'record' };
  const led = previousByHistory(history, from);
  if (led !== undefined && isFurtherBack(led)) return { to: led, by: 'history' };
  const older = localVersions
    .filter((version) => (compareVersions(version, from) ?? 0) < 0)
    .sort((a, b) => compareVersions(b, a) ?? 0);
  if (older[0] !== undefined) return { to: older[0], by: 'images' };
  return {
    refused: {
      code: 'nothing-further-back',
      message: `${request.deployment}: there is nothing further back than ${from}: neither the records nor the history name an older version`,
      remedy: `Name one: belay rollback ${request.deployment} --to VERSION`,
    },
  };
}

function toRevision({ deployment, request }: RollbackFacts, asked: Revision): RollbackTarget {
  const to = versionOfRevision(deployment, asked);
  if (to !== undefined && (request.to === undefined || isSameVersion(request.to, to)))
    return { to, by: 'revision' };
  const runs = Object.values(asked.references).join(', ') || 'images that can’t be told';
  return {
    refused: {
      code: 'revision-version',
      message: `${deployment.name}: revision ${asked.revision} declares ${runs}${request.to === undefined ? ', which is not one version' : `, and not version ${request.to}`}`,
      remedy: 'Name either a version or a revision',
    },
  };
}
