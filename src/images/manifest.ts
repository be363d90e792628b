/**
 * Manifests and configurations as registries give them.
 */
import { z } from 'zod';
import { parseJson } from '../domain/parse-json.ts';
import { choosePlatform } from './platforms.ts';
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
 * Reads what `tagOrDigest` means for one of `platforms` (`linux/amd64`; empty: unknown, see {@link choosePlatform}).
 *
 * @throws RegistryRefusal when it is for none of them or the manifest is of a kind that belay does not know.
 */
export async function describeImage(
  reader: RepositoryReader,
  name: string,
  tagOrDigest: string,
  platforms: readonly string[],
): Promise<DescribedImage> {
  const top = await reader.manifest(tagOrDigest);
  const index = indexSchema.safeParse(parseJson(top.body.toString('utf8')));
  const chosen = index.success ? choose(index.data, name, platforms) : undefined;
  const document = chosen === undefined ? top : await reader.manifest(chosen);
  const manifest = manifestSchema.safeParse(parseJson(document.body.toString('utf8')));
  if (!manifest.success)
    throw new RegistryRefusal({
      code: 'image-manifest',
      message: `${name} has a manifest of a kind that belay does not know`,
      remedy: 'Push the image again with a current tool, as an OCI or Docker v2 image',
    });
  const { config, layers } = manifest.data;
  const settings = configSchema.safeParse(
    parseJson((await reader.blob(config.digest)).body.toString('utf8')),
  );
  if (!settings.success)
    throw new RegistryRefusal({
      code: 'image-manifest',
      message: `${name} is not a container image`,
      remedy: 'Name the repository of an image',
    });
  const own = `${settings.data.os}/${settings.data.architecture}`;
  if (choosePlatform([own], platforms) === undefined) throw wrongPlatform(name, [own], platforms);
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

function choose(
  index: z.infer<typeof indexSchema>,
  name: string,
  platforms: readonly string[],
): string {
  const offered = index.manifests.map((each) => ({
    digest: each.digest,
    platform: each.platform ? `${each.platform.os}/${each.platform.architecture}` : 'unknown',
  }));
  // Attestations lie beside the images, as of no platform.
  const images = offered.filter((each) => !each.platform.startsWith('unknown'));
  const names = [...new Set(images.map((each) => each.platform))];
  const chosen = choosePlatform(names, platforms);
  const found = images.find((each) => each.platform === chosen);
  if (found) return found.digest;
  throw wrongPlatform(name, names, platforms);
}

function wrongPlatform(name: string, offered: readonly string[], platforms: readonly string[]) {
  return new RegistryRefusal({
    code: 'image-platform',
    message: `${name} is for ${offered.join(', ') || 'no platform'}${platforms.length > 0 ? `, but this engine is ${platforms.join(', ')}` : ''}`,
    remedy: `Push the image for ${platforms.join(' or ') || 'the platform of the nodes'}`,
  });
}
