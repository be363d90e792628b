/**
 * Images of a cluster come to its nodes by themselves; what can be done beforehand is to see that they will be found.
 */
import type { ActContext, Wanted } from '../domain/act.ts';
import { failure } from '../domain/errors.ts';
import type { AvailableImage, ImageSource, Pins } from '../domain/target.ts';
import { locateForCluster } from '../images/locate-for-cluster.ts';
import type { Cluster, Environment } from './cluster.ts';
import { nodePlatform } from './identity.ts';

/** See `Target.locate`. */
export async function locateImages(
  cluster: Cluster,
  wanted: Wanted,
  source: ImageSource,
  environment: Environment,
  context: ActContext,
): Promise<Record<string, AvailableImage>> {
  refuseBundle(source);
  const platform = await nodePlatform(cluster);
  return locateForCluster(wanted, { platform, environment }, context);
}

/** Every image is in the registry, with the digest of the plan; throws what `locate` throws, or `image-moved`. */
export async function fetchImages(
  cluster: Cluster,
  pins: Pins,
  source: ImageSource,
  environment: Environment,
  context: ActContext,
): Promise<void> {
  const wanted = Object.fromEntries(
    Object.entries(pins).map(([component, { reference }]) => [component, { reference }]),
  );
  const located = await locateImages(cluster, wanted, source, environment, context);
  for (const [component, { reference, imageId }] of Object.entries(pins)) {
    const found = located[component]?.imageId;
    if (found === imageId) continue;
    throw failure(
      'request',
      'image-moved',
      `${reference} of ${component} is ${found ?? 'gone'} in the registry now, and was ${imageId} when it was planned`,
      'Somebody moved the tag: plan again',
    );
  }
}

/** Offline bundles reach a cluster by its registry, which is the site's own to fill. */
function refuseBundle(source: ImageSource): void {
  if (source.from === 'registry') return;
  throw failure(
    'request',
    'bundle-on-cluster',
    `The bundle ${source.path} can’t be brought to a cluster’s nodes by this version`,
    'Push its images to the registry that the nodes pull from, then upgrade without --bundle',
  );
}
