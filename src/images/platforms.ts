/**
 * Which platform of an image is the right one, also where nobody tells what the nodes are.
 */

/**
 * What this machine itself runs: the best guess where a cluster's nodes may not be listed. The site worker is mostly in
 * that cluster, or on a machine like its nodes.
 */
export const OWN_PLATFORM = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64';

/**
 * Of the platforms that an image is offered for (`linux/amd64`) the one to take, or undefined when none will do.
 *
 * `platforms` are those of the target, the preferred one first. Empty: unknown; then nothing is refused, because belay
 * would refuse on a guess what runs. An image for one platform is taken as it is, and of several `own` is taken.
 */
export function choosePlatform(
  offered: readonly string[],
  platforms: readonly string[],
  own = OWN_PLATFORM,
): string | undefined {
  if (platforms.length > 0) return platforms.find((each) => offered.includes(each));
  return offered.includes(own) ? own : offered[0];
}
