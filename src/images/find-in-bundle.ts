/**
 * Finds the wanted image among those of a bundle. Pure.
 */
import type { Refusal } from '../domain/errors.ts';
import type { Bundle, BundledImage } from './bundle.ts';
import { canonicalReference } from './reference.ts';

/** The image that the bundle has under `reference`, for `platform`; or why not. */
export function findInBundle(
  bundle: Bundle,
  reference: string,
  platform: string,
): { readonly image: BundledImage } | { readonly refusal: Refusal } {
  const wanted = canonicalReference(reference);
  const image = bundle.images.find(({ tags }) =>
    tags.some((tag) => canonicalReference(tag) === wanted),
  );
  if (!image) {
    const names = bundle.images.flatMap(({ tags }) => tags);
    return {
      refusal: {
        code: 'bundle-other-image',
        message: `The bundle ${bundle.path} does not hold ${reference}; it holds ${names.join(', ') || 'images without names'}`,
        remedy: `Save it by its name: docker save ${reference} | gzip > FILE`,
      },
    };
  }
  if (image.platform === platform) return { image };
  return {
    refusal: {
      code: 'image-platform',
      message: `${reference} in the bundle ${bundle.path} is for ${image.platform}, but this engine is ${platform}`,
      remedy: `Save the image for ${platform}`,
    },
  };
}
