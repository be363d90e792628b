import { z } from 'zod';
import { hashLabel } from './recipe.ts';

const manifestTypes = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

const manifestSchema = z.union([
  z.object({ config: z.object({ digest: z.string() }) }),
  z.object({ manifests: z.array(z.object({ digest: z.string() })).min(1) }),
]);

const configSchema = z.object({
  config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
});

/**
 * The recipe hash of an image in a registry on this machine; undefined when it is not there.
 *
 * @throws Error when no registry answers.
 */
export async function registryHash(reference: string): Promise<string | undefined> {
  const { registry, repository, tag } = parseReference(reference);
  const base = `http://${registry}/v2/${repository}`;
  let manifest = await getJson(registry, `${base}/manifests/${tag}`);
  for (;;) {
    if (manifest === undefined) return undefined;
    const parsed = manifestSchema.parse(manifest);
    if ('config' in parsed) {
      const config = await getJson(registry, `${base}/blobs/${parsed.config.digest}`);
      return config === undefined
        ? undefined
        : (configSchema.parse(config).config.Labels?.[hashLabel] ?? 'not ours');
    }
    manifest = await getJson(registry, `${base}/manifests/${parsed.manifests[0]?.digest ?? ''}`);
  }
}

/** Takes `host:port/repository:tag` apart. @throws Error when it has another form. */
export function parseReference(reference: string): {
  registry: string;
  repository: string;
  tag: string;
} {
  const match = /^([^/]+:\d+)\/([\w./-]+):([\w.-]+)$/.exec(reference);
  const [, registry, repository, tag] = match ?? [];
  if (registry === undefined || repository === undefined || tag === undefined) {
    throw new Error(`${reference}: expected host:port/repository:tag`);
  }
  return { registry, repository, tag };
}

async function getJson(registry: string, url: string): Promise<unknown> {
  const response = await fetch(url, { headers: { accept: manifestTypes } }).catch(
    (cause: unknown) => {
      const remedy = 'start it with: node scripts/stack.ts up';
      throw new Error(`no registry answers on ${registry}; ${remedy}`, { cause });
    },
  );
  if (response.status === 404) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok) throw new Error(`${url}: the registry answered ${response.status}`);
  return response.json();
}
