/**
 * The images that a version needs, and what was found of them as pins.
 */
import type { Wanted } from '../domain/act.ts';
import type { Deployment, Release } from '../domain/deployment.ts';
import { referenceFor } from '../domain/image-tag.ts';
import type { AvailableImage, Pins } from '../domain/target.ts';

/** What is to be looked for: each component's image of `version`, with the digest that its publisher pins. */
export function wantedImages(
  { components }: Pick<Deployment, 'components'>,
  release: Release | undefined,
  version: string,
): Wanted {
  return Object.fromEntries(
    Object.entries(components).map(([name, settings]) => {
      const digest = release?.digests[name];
      return [name, { reference: referenceFor(settings, version), ...(digest && { digest }) }];
    }),
  );
}

/** What the located images are as pins. */
export function pinsOf(available: Readonly<Record<string, AvailableImage>>): Pins {
  return Object.fromEntries(
    Object.entries(available).map(([name, { reference, imageId, digest }]) => [
      name,
      { reference, imageId, ...(digest !== undefined && { digest }) },
    ]),
  );
}
