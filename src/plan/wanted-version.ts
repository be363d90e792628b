/**
 * The version whose images must be located before a plan can be made.
 */
import { declaredVersion } from './from-version.ts';
import { rollbackTarget } from './rollback-target.ts';
import type { PlanFacts } from './facts.ts';

/** What the choice depends on. */
export type WantedFacts = Pick<
  PlanFacts,
  'deployment' | 'request' | 'observed' | 'history' | 'previous' | 'localVersions' | 'revisions'
>;

/**
 * What an upgrade names, or where a rollback goes. Undefined when there is none: the planner then says why, so the
 * caller leaves the images out and need not refuse by itself.
 */
export function wantedVersion(
  operation: 'upgrade' | 'rollback',
  facts: WantedFacts,
): string | undefined {
  const { to, toRevision } = facts.request;
  if (operation === 'upgrade' || (to !== undefined && toRevision === undefined)) return to;
  if (!facts.observed) return undefined;
  const from = declaredVersion(facts.deployment, facts.observed);
  if ('refused' in from) return undefined;
  const target = rollbackTarget(facts, from.version);
  return 'refused' in target ? undefined : target.to;
}
