/**
 * Manifests and configurations as registries give them.
 */
import { z } from 'zod';
import { RegistryRefusal, type RepositoryReader } from './registry.ts';

const descriptorSchema = z.object({ digest: z.string(), size: z.number() });
const indexSchema = z.object({
  manifests: z.array(
    descriptorSchema.extend({
      platform: z
        .object({ os: z.string(), architecture: z.string(), variant: z.string().optional() })
        .optional(),
    }),
  ),
});
const manifestSchema = z.object({
  config: descriptorSchema,
  layers: z.array(descriptorSchema),
});
const configSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
});

/** An image as its manifest describes it. */
export interface DescribedImage {
  /** Digest of what the tag means: an index or a manifest. */
  readonly digest: string;
  /** Digest of the configuration: the image's ID. */
  readonly imageId: string;
  readonly platform: string;
  /** Bottom first; `bytes` compressed. */
  readonly layers: readonly { readonly diffId: string; readonly bytes: number }[];
}

/**
 * Reads what `tagOrDigest` means for `platform` (`linux/amd64`).
 *
 * @throws RegistryRefusal when the platform is missing or the manifest is of a kind that belay does not know.
 */
export async function describeImage(
  reader: RepositoryReader,
  name: string,
  tagOrDigest: string,
  platform: string,
): Promise<DescribedImage> {
  const top = await reader.manifest(tagOrDigest);
  const index = indexSchema.safeParse(parseJson(top.body));
  const chosen = index.success ? choose(index.data, name, platform) : undefined;
  const document = chosen === undefined ? top : await reader.manifest(chosen);
  const manifest = manifestSchema.safeParse(parseJson(document.body));
  if (!manifest.success)
    throw new RegistryRefusal({
      code: 'image-manifest',
      message: `${name} has a manifest of a kind that belay does not know`,
      remedy: 'Push the image again with a current tool, as an OCI or Docker v2 image',
    });
  const { config, layers } = manifest.data;
  const settings = configSchema.safeParse(parseJson((await reader.blob(config.digest)).body));
  if (!settings.success)
    throw new RegistryRefusal({
      code: 'image-manifest',
      message: `${name} is not a container image`,
      remedy: 'Name the repository of an image',
    });
  const own = `${settings.data.os}/${settings.data.architecture}`;
  if (own !== platform) throw wrongPlatform(name, [own], platform);
  return {
    digest: top.digest,
    imageId: config.digest,
    platform: own,
    layers: layers.map(({ size }, i) => ({
      diffId: settings.data.rootfs.diff_ids[i] ?? '',
      bytes: size,
    })),
  };
}

function choose(index: z.infer<typeof indexSchema>, name: string, platform: string): string {
  const offered = index.manifests.map((each) => ({
    digest: each.digest,
    platform: each.platform ? `${each.platform.os}/${each.platform.architecture}` : 'unknown',
  }));
  const found = offered.find((each) => each.platform === platform);
  if (found) return found.digest;
  const names = offered.map((each) => each.platform).filter((each) => !each.startsWith('unknown'));
  throw wrongPlatform(name, [...new Set(names)], platform);
}

function wrongPlatform(name: string, offered: readonly string[], platform: string) {
  return new RegistryRefusal({
    code: 'image-platform',
    message: `${name} is for ${offered.join(', ') || 'no platform'}, but this engine is ${platform}`,
    remedy: `Push the image for ${platform}`,
  });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
