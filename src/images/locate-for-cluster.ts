/**
 * Finds images for a cluster, whose nodes fetch for themselves: by the registry's digest, which is also what the nodes
 * report of what they run.
 */
import type { ActContext, Wanted } from '../domain/act.ts';
import { BelayError, type Refusal } from '../domain/errors.ts';
import type { AvailableImage } from '../domain/target.ts';
import type { Environment } from './docker-config.ts';
import { describeImage } from './manifest.ts';
import { parseReference } from './reference.ts';
import { openRepository, RegistryRefusal } from './registry.ts';

/** Where to look, and for what. */
export interface LocateOptions {
  /** Of the nodes (`linux/amd64`); empty: unknown. */
  readonly platforms: readonly string[];
  readonly environment: Environment;
}

type Found = { readonly image: AvailableImage } | { readonly refusal: Refusal };

/**
 * Component → what the registry offers; its `imageId` is the digest of what the tag means.
 *
 * @throws BelayError one `request` with every reason, else the environment's failure.
 */
export async function locateForCluster(
  wanted: Wanted,
  options: LocateOptions,
  { signal }: ActContext,
): Promise<Record<string, AvailableImage>> {
  const components = Object.entries(wanted);
  const found = await Promise.allSettled(
    components.map(([, each]) => locateOne(each, options, signal)),
  );
  const refusals = found.flatMap((result) =>
    result.status === 'fulfilled' && 'refusal' in result.value ? [result.value.refusal] : [],
  );
  if (refusals.length > 0) throw new BelayError('request', refusals);
  return Object.fromEntries(
    found.map((result, at) => {
      if (result.status === 'rejected') throw result.reason;
      if ('refusal' in result.value) throw new BelayError('request', result.value.refusal);
      return [components[at]?.[0] ?? '', result.value.image];
    }),
  );
}

async function locateOne(
  { reference, digest }: Wanted[string],
  { platforms, environment }: LocateOptions,
  signal: AbortSignal,
): Promise<Found> {
  const parsed = parseReference(reference);
  if (!parsed)
    return {
      refusal: {
        code: 'image-reference',
        message: `${reference} is no image reference`,
        remedy: 'Correct the image or the tag in the deployment file',
      },
    };
  try {
    const reader = await openRepository(parsed, [], environment, signal);
    const described = await describeImage(reader, reference, parsed.tag ?? 'latest', platforms);
    if (digest !== undefined && digest !== described.digest)
      return {
        refusal: {
          code: 'image-digest',
          message: `${reference} has the digest ${described.digest} in the registry, but the release says ${digest}`,
          remedy: "Don't run it before it is known who changed it",
        },
      };
    return {
      image: {
        reference,
        imageId: described.digest,
        digest: described.digest,
        platform: described.platform,
        // The nodes' own stores can't be seen: what they have already is not transferred again.
        transferBytes: described.layers.reduce((sum, { bytes }) => sum + bytes, 0),
        present: false,
      },
    };
  } catch (error) {
    if (error instanceof RegistryRefusal) return { refusal: error.refusal };
    throw error;
  }
}
