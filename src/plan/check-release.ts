/**
 * Checks of the version that is wanted: where it may be reached from, its images, and room for them.
 */
import { formatBytes } from '../domain/quantities.ts';
import { referenceFor, whyNotVersion } from '../domain/image-tag.ts';
import { isInRange } from './compare-versions.ts';
import type { PlanFacts } from './facts.ts';
import { NOTHING, note, refuse, together, type Findings } from './findings.ts';

/** A compressed layer is kept while it is unpacked, and unpacks to about twice its size. */
const UNPACKED = 3;

/** Whether `to` can be brought here. */
export function checkRelease(facts: PlanFacts, to: string): Findings {
  const { deployment } = facts;
  const why = whyNotVersion(to);
  if (why !== undefined) {
    const shown = JSON.stringify(to.slice(0, 80));
    return refuse(
      'bad-version',
      `${deployment.name}: the version ${shown} ${why}`,
      'Name a version such as 1.3.0',
    );
  }
  return together(checkImages(facts, to), checkDigests(facts), checkRoom(facts));
}

/** Whether the release file lets it be reached from `from`. */
export function checkRange({ release, deployment: { name } }: PlanFacts, from: string): Findings {
  if (release?.from === undefined) return NOTHING;
  const { version, from: range } = release;
  const reachable = isInRange(from, range);
  if (reachable === true) return NOTHING;
  return refuse(
    'release-from',
    reachable === undefined
      ? `${name}: ${from}, which runs now, is no semantic version, so it can't be said to be in "${range}", from which ${version} may be reached`
      : `${name}: ${version} may be reached from "${range}" only, and ${from} runs now`,
    'Upgrade to a version in that range first',
  );
}

function checkImages({ available, observed, deployment }: PlanFacts, to: string): Findings {
  if (!available) return NOTHING;
  const found = Object.entries(deployment.components).map(([component, settings]) => {
    const image = available[component];
    const wanted = referenceFor(settings, to);
    if (!image || image.imageId === '') {
      return refuse(
        'image-not-found',
        `${deployment.name}: the image ${wanted} of ${component} was not found`,
        'Check the version, and whether the image was published',
      );
    }
    if (observed && observed.platform !== '' && image.platform !== observed.platform) {
      return refuse(
        'image-platform',
        `${deployment.name}: ${wanted} is made for ${image.platform}, but the engine runs ${observed.platform}`,
        'Publish the image for that platform',
      );
    }
    return NOTHING;
  });
  return together(...found);
}

function checkDigests({ available, release, deployment: { name } }: PlanFacts): Findings {
  const compared = Object.entries(release?.digests ?? {}).map(([component, digest]) => {
    const image = available?.[component];
    if (!image || image.digest === digest) return NOTHING;
    if (image.digest === undefined) {
      return note(
        `the publisher's digest of ${component} could not be compared: the image comes without one (archives lose it)`,
      );
    }
    return refuse(
      'image-digest',
      `${name}: ${image.reference} of ${component} has the digest ${image.digest}, but its release file says ${digest}`,
      "Don't run it before it is known who changed it",
    );
  });
  return together(...compared);
}

function checkRoom({ available, disk, database, deployment: { name } }: PlanFacts): Findings {
  const transfer = transferBytes(available);
  const images = disk?.images;
  const needImages = transfer * UNPACKED;
  const backup = disk?.backup;
  const needBackup = backup?.needBytes ?? database?.sizeBytes ?? 0;
  return together(
    images && images.freeBytes < needImages
      ? refuse(
          'disk-images',
          `${name}: the images need about ${formatBytes(needImages)} (${formatBytes(transfer)} compressed), but only ${formatBytes(images.freeBytes)} are free where the engine stores them`,
          'Make room, for example with `docker image prune`',
        )
      : NOTHING,
    backup && backup.freeBytes < needBackup
      ? refuse(
          'disk-backup',
          `${name}: the backup needs up to ${formatBytes(needBackup)}, but only ${formatBytes(backup.freeBytes)} are free in ${backup.directory}`,
          'Make room there, or name another backup directory',
        )
      : NOTHING,
  );
}

/** Bytes that must come here; images that are here already cost nothing. */
export function transferBytes(available: PlanFacts['available']): number {
  return Object.values(available ?? {})
    .filter(({ present }) => !present)
    .reduce((sum, image) => sum + image.transferBytes, 0);
}
