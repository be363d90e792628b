/**
 * Finds the wanted images before anything changes, by manifest or by reading the bundle.
 */
import { BelayError, type Refusal } from '../../domain/errors.ts';
import type { AvailableImage, ImageSource } from '../../domain/target.ts';
import type { ActContext, Wanted } from '../../domain/act.ts';
import { readBundle } from '../../images/bundle.ts';
import { findInBundle } from '../../images/find-in-bundle.ts';
import type { Engine } from './engine.ts';
import { localImageId } from './images.ts';
import { engineFacts, type EngineFacts } from './machine.ts';
import { describeImage, type DescribedImage } from '../../images/manifest.ts';
import {
  canonicalReference,
  parseReference,
  repositoryOf,
  writtenRepository,
} from '../../images/reference.ts';
import { openRepository, RegistryRefusal } from '../../images/registry.ts';
import type { Scope } from './scope.ts';

/** What was found of one image: itself, or why not. */
type Found = { readonly image: AvailableImage } | { readonly refusal: Refusal };

/** Component → what the source offers. Throws one `request` error with every reason, else the environment's. */
export async function locate(
  scope: Scope,
  wanted: Wanted,
  source: ImageSource,
  context: ActContext,
): Promise<Record<string, AvailableImage>> {
  const engine = await scope.engine();
  const facts = await engineFacts(engine);
  const components = Object.entries(wanted);
  const find =
    source.from === 'registry'
      ? inRegistry(scope, engine, facts, context)
      : await inBundle(engine, facts, source.path, context);
  const found = await Promise.allSettled(components.map(([, each]) => find(each)));
  const refusals = found.flatMap((result) =>
    result.status === 'fulfilled' && 'refusal' in result.value ? [result.value.refusal] : [],
  );
  if (refusals.length > 0) throw new BelayError('request', refusals);
  return Object.fromEntries(
    found.map((result, i) => {
      if (result.status === 'rejected') throw result.reason;
      if ('refusal' in result.value) throw new BelayError('request', result.value.refusal);
      return [components[i]?.[0] ?? '', result.value.image];
    }),
  );
}

type Finder = (wanted: Wanted[string]) => Promise<Found>;

function inRegistry(
  scope: Scope,
  engine: Engine,
  facts: EngineFacts,
  { signal }: ActContext,
): Finder {
  return async ({ reference, digest }) => {
    const image = parseReference(reference);
    if (!image) return { refusal: badReference(reference) };
    try {
      const reader = await openRepository(
        image,
        facts.insecureRegistries,
        scope.environment,
        signal,
      );
      const tag = image.tag ?? 'latest';
      const described = await describeImage(reader, reference, tag, [facts.platform]);
      if (digest !== undefined && digest !== described.digest)
        return { refusal: otherDigest(reference, digest, described.digest) };
      return { image: await available(engine, reference, described) };
    } catch (error) {
      if (error instanceof RegistryRefusal) return { refusal: error.refusal };
      throw error;
    }
  };
}

async function available(
  engine: Engine,
  reference: string,
  { digest, imageId, platform, layers }: DescribedImage,
): Promise<AvailableImage> {
  const present = (await localImageId(engine, imageId)) !== undefined;
  const here = present ? layers.length : await sharedLayers(engine, reference, layers);
  const transferBytes = layers.slice(here).reduce((sum, { bytes }) => sum + bytes, 0);
  return { reference, imageId, digest, platform, transferBytes, present };
}

/** How many of the lowest layers an image of the same repository has here already. */
async function sharedLayers(
  engine: Engine,
  reference: string,
  layers: DescribedImage['layers'],
): Promise<number> {
  const filters = JSON.stringify({ reference: [writtenRepository(reference)] });
  const listed = await engine.ask((docker) => docker.listImages({ filters }));
  const images = await Promise.all(
    listed.slice(0, 20).map(({ Id }) => engine.find((docker) => docker.getImage(Id).inspect())),
  );
  const counts = images.map((image) => {
    const local: readonly string[] = image?.RootFS.Layers ?? [];
    const differing = layers.findIndex(({ diffId }, i) => local[i] !== diffId);
    return differing < 0 ? layers.length : differing;
  });
  return Math.max(0, ...counts);
}

async function inBundle(
  engine: Engine,
  facts: EngineFacts,
  path: string,
  { signal, progress }: ActContext,
): Promise<Finder> {
  const bundle = await readBundle(path, signal, (doneBytes, totalBytes) =>
    progress({ step: 'read bundle', doneBytes, totalBytes }),
  );
  return async ({ reference }) => {
    if (canonicalReference(reference) === undefined) return { refusal: badReference(reference) };
    const found = findInBundle(bundle, reference, [facts.platform]);
    if ('refusal' in found) return found;
    const { imageId, platform } = found.image;
    const present = (await localImageId(engine, imageId)) !== undefined;
    const transferBytes = present ? 0 : bundle.bytes;
    return { image: { reference, imageId, platform, transferBytes, present } };
  };
}

function badReference(reference: string): Refusal {
  return {
    code: 'image-reference',
    message: `"${reference}" is not an image reference`,
    remedy:
      'Check the version (a tag has letters, digits, `.`, `_` and `-`) and the component’s image',
  };
}

function otherDigest(reference: string, wanted: string, found: string): Refusal {
  const image = parseReference(reference);
  return {
    code: 'image-changed',
    message: `${reference} is ${found} in the registry ${image ? repositoryOf(image) : ''}, but the release file says ${wanted}`,
    remedy: 'Find out who moved the tag; correct the release file or push the right image',
  };
}
