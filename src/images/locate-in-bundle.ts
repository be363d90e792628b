/**
 * Finds images of a bundle for a cluster, and by which identity its nodes will report them.
 */
import type { ActContext, Wanted } from '../domain/act.ts';
import { BelayError, type Refusal } from '../domain/errors.ts';
import type { AvailableImage } from '../domain/target.ts';
import { readBundle, type BundledImage } from './bundle.ts';
import type { Environment } from './docker-config.ts';
import { findInBundle } from './find-in-bundle.ts';
import { describeImage } from './manifest.ts';
import { manifestOf } from './push-bundle.ts';
import { parseReference } from './reference.ts';
import { openRepository, RegistryRefusal } from './registry.ts';

/** How the images will come to the nodes, and to which. */
export interface BundleOptions {
  /** Of the nodes (`linux/amd64`); empty: unknown. */
  readonly platforms: readonly string[];
  readonly environment: Environment;
  /** Imported into the nodes, and not pushed: the nodes report the configuration then. */
  readonly imported: boolean;
}

/** An image of a bundle, and what is to be done for it. */
export interface LocatedInBundle {
  readonly available: AvailableImage;
  readonly image: BundledImage;
}

/**
 * Component → its image. An image that the registry has already keeps the registry's digest, for its layers may be
 * compressed there. A tag that means another image there is not moved: nodes keep what they once pulled under it.
 *
 * @throws BelayError one `request` with every reason; `environment` while the registry does not answer.
 */
export async function locateInBundle(
  wanted: Wanted,
  path: string,
  options: BundleOptions,
  { signal, progress }: ActContext,
): Promise<Record<string, LocatedInBundle>> {
  const bundle = await readBundle(path, signal, (doneBytes, totalBytes) =>
    progress({ step: `read ${path}`, doneBytes, totalBytes }),
  );
  const refusals: Refusal[] = [];
  const located: Record<string, LocatedInBundle> = {};
  for (const [component, { reference, digest }] of Object.entries(wanted)) {
    const found = findInBundle(bundle, reference, options.platforms);
    const identity =
      'refusal' in found
        ? found
        : options.imported
          ? { imageId: found.image.imageId, transferBytes: bundle.bytes }
          : await identityInRegistry(reference, found.image, options, signal);
    if ('refusal' in found) refusals.push(found.refusal);
    else if ('refusal' in identity) refusals.push(identity.refusal);
    else {
      const { platform } = found.image;
      const common = { reference, platform, present: false };
      located[component] = {
        image: found.image,
        available: { ...common, ...comparable(identity, digest) },
      };
    }
  }
  if (refusals.length > 0) throw new BelayError('request', refusals);
  return located;
}

interface Identity {
  readonly imageId: string;
  readonly digest?: string;
  readonly transferBytes: number;
}

/** The archive's digest differs from the publisher's, whose layers were compressed: that is no sign of another image. */
function comparable({ digest, ...identity }: Identity, published: string | undefined): Identity {
  const isComparable = digest !== undefined && (published === undefined || published === digest);
  return isComparable ? { ...identity, digest } : identity;
}

async function identityInRegistry(
  reference: string,
  image: BundledImage,
  { environment }: BundleOptions,
  signal: AbortSignal,
): Promise<Identity | { readonly refusal: Refusal }> {
  const { digest } = manifestOf(image);
  const transferBytes = [image.config, ...image.layers].reduce((sum, { bytes }) => sum + bytes, 0);
  const parsed = parseReference(reference);
  if (!parsed) return { imageId: digest, digest, transferBytes };
  try {
    const reader = await openRepository(parsed, [], environment, signal);
    const there = await describeImage(reader, reference, parsed.tag ?? 'latest', [image.platform]);
    if (there.imageId !== image.imageId) return { refusal: taken(reference) };
    return { imageId: there.digest, digest: there.digest, transferBytes: 0 };
  } catch (error) {
    if (!(error instanceof RegistryRefusal)) throw error;
    const { code } = error.refusal;
    if (code === 'image-not-found') return { imageId: digest, digest, transferBytes };
    return { refusal: code === 'image-denied' ? error.refusal : taken(reference) };
  }
}

function taken(reference: string): Refusal {
  return {
    code: 'image-tag-taken',
    message: `The registry has another image under ${reference} than the bundle`,
    remedy:
      'Find out which of them is right: remove the tag from the registry, or upgrade without the bundle',
  };
}
