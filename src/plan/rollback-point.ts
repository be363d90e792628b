/**
 * Which point of the target's own history a rollback goes to.
 */
import type { Refusal } from '../domain/errors.ts';
import { referenceFor, versionOfReference } from '../domain/image-tag.ts';
import type { Point, Revision } from '../domain/target.ts';
import type { PlanFacts } from './facts.ts';

/** What the choice depends on. */
export type PointFacts = Pick<PlanFacts, 'deployment' | 'request' | 'revisions' | 'observed'>;

/** The revision that was asked for by its number; or why it can't be gone back to. */
export function askedRevision({
  deployment: { name },
  request,
  revisions = [],
  observed,
}: PointFacts): Revision | { readonly refused: Refusal } | undefined {
  const { toRevision } = request;
  if (toRevision === undefined) return undefined;
  const found = revisions.find(({ revision }) => revision === toRevision);
  const why =
    found === undefined
      ? 'is not in its history'
      : found.revision === observed?.point?.revision
        ? 'is what runs now'
        : found.usable
          ? undefined
          : `never served: it is ${found.status}`;
  if (found && why === undefined) return found;
  const usable = revisions.filter((each) => each.usable).map(({ revision }) => revision);
  return {
    refused: {
      code: 'no-such-revision',
      message: `${name}: revision ${toRevision} ${why ?? ''}`,
      remedy:
        revisions.length === 0
          ? `This kind of target keeps no revisions: belay rollback ${name} --to VERSION`
          : `Revisions that can be gone back to: ${usable.join(', ') || 'none'}`,
    },
  };
}

/** The version that a revision declares, by the components' tag templates; undefined when it is not one version. */
export function versionOfRevision(
  { components }: PlanFacts['deployment'],
  { references }: Revision,
): string | undefined {
  const versions = Object.entries(components).map(([component, settings]) => {
    const reference = references[component];
    return reference === undefined ? undefined : versionOfReference(settings, reference);
  });
  const [first] = versions;
  return versions.every((version) => version === first) ? first : undefined;
}

/**
 * The newest usable revision before what runs now that declares exactly the images of `to`: going back to it brings its
 * whole configuration back too. Undefined: the version is newly declared with today's configuration.
 */
export function pointFor(facts: PointFacts, to: string): Point | undefined {
  const { deployment, revisions = [], observed } = facts;
  const asked = askedRevision(facts);
  if (asked && 'refused' in asked) return undefined;
  const now = observed?.point?.revision;
  const found =
    asked ??
    revisions.findLast(
      ({ usable, revision, references }) =>
        usable &&
        revision !== now &&
        Object.entries(deployment.components).every(
          ([component, settings]) => references[component] === referenceFor(settings, to),
        ),
    );
  return (
    found && {
      revision: found.revision,
      ...(found.objects && { objects: found.objects }),
    }
  );
}
