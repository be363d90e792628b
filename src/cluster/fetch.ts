/**
 * Images of a cluster come to its nodes by themselves; what can be done beforehand is to see that they will be found, and,
 * offline, to bring a bundle's to where the nodes look.
 */
import type { ActContext, Wanted } from '../domain/act.ts';
import { BelayError, failure, type Refusal } from '../domain/errors.ts';
import type { AvailableImage, ImageSource, Pins } from '../domain/target.ts';
import { locateForCluster } from '../images/locate-for-cluster.ts';
import { locateInBundle, type LocatedInBundle } from '../images/locate-in-bundle.ts';
import { manifestOf, pushBundle } from '../images/push-bundle.ts';
import type { Cluster, Environment } from './cluster.ts';
import { nodePlatforms } from './identity.ts';
import { importBundle } from './import-bundle.ts';

/** How images come to this cluster's nodes. */
export interface ImageWay {
  readonly environment: Environment;
  /** Brings a bundle's images to the nodes; undefined: they are pushed to their registry. */
  readonly importCommand?: readonly string[];
}

/**
 * See `Target.locate`. Where bundles are imported, what a registry lacks says nothing of the nodes: `bundle-needed`
 * (request).
 */
export async function locateImages(
  cluster: Pick<Cluster, 'core'>,
  wanted: Wanted,
  source: ImageSource,
  { environment, importCommand }: ImageWay,
  context: ActContext,
): Promise<Record<string, AvailableImage>> {
  const platforms = await nodePlatforms(cluster);
  if (source.from === 'registry') {
    const located = locateForCluster(wanted, { platforms, environment }, context);
    return importCommand ? located.catch(namingTheBundle) : located;
  }
  const options = { platforms, environment, imported: importCommand !== undefined };
  return availableOf(await locateInBundle(wanted, source.path, options, context));
}

/** Codes of a registry that does not have an image, or does not say so. */
const NOT_THERE: readonly string[] = ['image-not-found', 'image-denied'];
const HELPS = 'a bundle that has it (--bundle FILE): these nodes get images by the import-command';

function namingTheBundle(error: unknown): never {
  if (!(error instanceof BelayError)) throw error;
  const refusals = error.refusals.map((refusal): Refusal => {
    if (NOT_THERE.includes(refusal.code))
      return { ...refusal, code: 'bundle-needed', remedy: `Name ${HELPS}` };
    // While it is waited for, the message is all that is shown.
    if (refusal.code === 'registry-unreachable')
      return { ...refusal, message: `${refusal.message}; what helps is ${HELPS}` };
    return refusal;
  });
  throw new BelayError(error.fault, refusals, { cause: error });
}

/**
 * From a registry: every image is there, with the digest of the plan; without a digest there is nothing to fetch by, and
 * the nodes have the image or pull it in the rollout. From a bundle: pushed, or imported.
 *
 * @throws BelayError what `locate` throws, `image-moved` (request), what pushing and importing throw.
 */
export async function fetchImages(
  cluster: Pick<Cluster, 'core'>,
  pins: Pins,
  source: ImageSource,
  way: ImageWay,
  context: ActContext,
): Promise<void> {
  const wanted = Object.fromEntries(
    Object.entries(pins).map(([component, { reference }]) => [component, { reference }]),
  );
  if (source.from === 'registry') {
    if (Object.values(pins).every(({ digest }) => digest === undefined)) return;
    requireSame(pins, await locateImages(cluster, wanted, source, way, context));
    return;
  }
  const { environment, importCommand } = way;
  const platforms = await nodePlatforms(cluster);
  const options = { platforms, environment, imported: importCommand !== undefined };
  const located = await locateInBundle(wanted, source.path, options, context);
  requireSame(pins, availableOf(located));
  if (importCommand) return importBundle(importCommand, source.path, environment, context);
  // What the registry has under its own digest is there already.
  const missing = Object.values(located).filter(
    ({ image, available }) => available.imageId === manifestOf(image).digest,
  );
  const pushed = missing.map(({ image, available: { reference } }) => ({ reference, image }));
  await pushBundle(source.path, pushed, environment, context);
}

function availableOf(
  located: Readonly<Record<string, LocatedInBundle>>,
): Record<string, AvailableImage> {
  return Object.fromEntries(
    Object.entries(located).map(([component, { available }]) => [component, available]),
  );
}

function requireSame(pins: Pins, located: Readonly<Record<string, AvailableImage>>): void {
  for (const [component, { reference, imageId }] of Object.entries(pins)) {
    const found = located[component]?.imageId;
    if (found === imageId) continue;
    throw failure(
      'request',
      'image-moved',
      `${reference} of ${component} is ${found ?? 'gone'} now, and was ${imageId} when it was planned`,
      'Somebody moved the tag, or replaced the bundle: plan again',
    );
  }
}
