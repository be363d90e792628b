import { describe, expect, it } from 'vitest';
import type { Bundle, BundledImage } from './bundle.ts';
import { findInBundle } from './find-in-bundle.ts';
import { OWN_PLATFORM } from './platforms.ts';

const OTHER = OWN_PLATFORM === 'linux/arm64' ? 'linux/amd64' : 'linux/arm64';

/** A bundle of one image per platform, all under the same name. */
function bundleOf(...platforms: readonly string[]): Bundle {
  const blob = { member: 'm', digest: 'sha256:m', bytes: 1, gzip: false };
  const images = platforms.map((platform): BundledImage => ({
    tags: ['shop/app:1.3.0'],
    imageId: `sha256:${platform}`,
    platform,
    config: blob,
    layers: [],
  }));
  return { path: '/srv/bundle.tar', bytes: 1, images };
}

describe('an image in a bundle', () => {
  it.each<[string, Bundle, readonly string[], string]>([
    ['for the nodes', bundleOf(OTHER), [OTHER], OTHER],
    ['for some of the nodes', bundleOf(OTHER), [OWN_PLATFORM, OTHER], OTHER],
    ['for nodes that are not known', bundleOf(OTHER), [], OTHER],
    ['of several, for the nodes', bundleOf(OWN_PLATFORM, OTHER), [OTHER], OTHER],
    ['of several, for nodes that are not known', bundleOf(OTHER, OWN_PLATFORM), [], OWN_PLATFORM],
  ])('is taken %s', (_, bundle, platforms, platform) => {
    expect(findInBundle(bundle, 'docker.io/shop/app:1.3.0', platforms)).toMatchObject({
      image: { platform },
    });
  });

  it('is refused for other nodes', () => {
    const found = findInBundle(bundleOf('linux/s390x'), 'shop/app:1.3.0', ['linux/amd64']);
    expect(found).toMatchObject({
      refusal: {
        code: 'image-platform',
        message:
          'shop/app:1.3.0 in the bundle /srv/bundle.tar is for linux/s390x, but this engine is linux/amd64',
        remedy: 'Save the image for linux/amd64',
      },
    });
  });

  it('is refused under another name, whatever the nodes are', () => {
    const found = findInBundle(bundleOf(OTHER), 'shop/app:1.4.0', []);
    expect(found).toMatchObject({ refusal: { code: 'bundle-other-image' } });
  });
});
