import { describe, expect, it } from 'vitest';
import { describeImage } from './manifest.ts';
import { OWN_PLATFORM } from './platforms.ts';
import type { RepositoryReader } from './registry.ts';

const OTHER = OWN_PLATFORM === 'linux/arm64' ? 'linux/amd64' : 'linux/arm64';
const asPlatform = (platform: string) => {
  const [os = '', architecture = ''] = platform.split('/');
  return { os, architecture };
};

/** A repository whose tag means one image for each of `platforms`; an index where they are several, or `indexed`. */
function offering(platforms: readonly string[], indexed = platforms.length > 1): RepositoryReader {
  const documents: Record<string, unknown> = {
    '1.3.0': indexed
      ? {
          manifests: ['unknown/unknown', ...platforms].map((platform) => ({
            digest: `manifest ${platform}`,
            size: 1,
            platform: asPlatform(platform),
          })),
        }
      : manifestOf(platforms[0] ?? ''),
  };
  for (const platform of platforms) {
    documents[`manifest ${platform}`] = manifestOf(platform);
    documents[`config ${platform}`] = { ...asPlatform(platform), rootfs: { diff_ids: [] } };
  }
  const read = (name: string) =>
    Promise.resolve({ body: Buffer.from(JSON.stringify(documents[name])), digest: `of ${name}` });
  return { manifest: read, blob: read };
}

function manifestOf(platform: string) {
  return { config: { digest: `config ${platform}`, size: 1 }, layers: [] };
}

describe('an image in a registry', () => {
  it.each<[string, RepositoryReader, readonly string[], string]>([
    ['for the nodes, alone', offering([OTHER]), [OTHER], OTHER],
    ['for the nodes, among others', offering([OWN_PLATFORM, OTHER]), [OTHER], OTHER],
    ['for some of the nodes', offering([OTHER]), [OWN_PLATFORM, OTHER], OTHER],
    ['for nodes that are not known', offering([OTHER]), [], OTHER],
    ['for nodes that are not known, in an index', offering([OTHER], true), [], OTHER],
    ['for several, of nodes that are not known', offering([OTHER, OWN_PLATFORM]), [], OWN_PLATFORM],
  ])('is taken %s', async (_, reader, platforms, platform) => {
    expect(await describeImage(reader, 'shop/app:1.3.0', '1.3.0', platforms)).toMatchObject({
      platform,
      imageId: `config ${platform}`,
      digest: 'of 1.3.0',
    });
  });

  it.each([
    [offering(['linux/s390x']), 'linux/s390x'],
    [offering(['linux/s390x'], true), 'linux/s390x'],
    [offering([], true), 'no platform'],
  ])('is refused for other nodes', async (reader, offered) => {
    const described = describeImage(reader, 'shop/app:1.3.0', '1.3.0', ['linux/amd64']);
    await expect(described).rejects.toMatchObject({
      refusal: {
        code: 'image-platform',
        message: `shop/app:1.3.0 is for ${offered}, but this engine is linux/amd64`,
      },
    });
  });
});
