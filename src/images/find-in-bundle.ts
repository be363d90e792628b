/**
 * Finds the wanted image among those of a bundle. Pure.
 */
import type { Refusal } from '../domain/errors.ts';
import type { Bundle, BundledImage } from './bundle.ts';
import { choosePlatform } from './platforms.ts';
import { canonicalReference } from './reference.ts';

/** The image that the bundle has under `reference`, for one of `platforms` (empty: unknown); or why not. */
export function findInBundle(
  bundle: Bundle,
  reference: string,
  platforms: readonly string[],
): { readonly image: BundledImage } | { readonly refusal: Refusal } {
  const wanted = canonicalReference(reference);
  const named = bundle.images.filter(({ tags }) =>
    tags.some((tag) => canonicalReference(tag) === wanted),
  );
  if (named.length === 0) {
    const names = bundle.images.flatMap(({ tags }) => tags);
    return {
      refusal: {
        code: 'bundle-other-image',
        message: `The bundle ${bundle.path} does not hold ${reference}; it holds ${names.join(', ') || 'images without names'}`,
        remedy: `Save it by its name: docker save ${reference} | gzip > FILE`,
      },
    };
  }
  const offered = named.map(({ platform }) => platform);
  const chosen = choosePlatform(offered, platforms);
  const image = named.find(({ platform }) => platform === chosen);
  if (image) return { image };
  return {
    refusal: {
      code: 'image-platform',
      message: `${reference} in the bundle ${bundle.path} is for ${offered.join(', ')}, but this engine is ${platforms.join(', ')}`,
      remedy: `Save the image for ${platforms.join(' or ')}`,
    },
  };
}
