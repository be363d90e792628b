/**
 * Images in the engine's local store.
 */
import { failure, type BelayError } from '../../domain/errors.ts';
import type { Pin } from '../../domain/target.ts';
import type { Engine } from './engine.ts';
import { isSameRepository, parseReference, writtenRepository } from '../../images/reference.ts';

/** ID of a local image by reference, ID or digest; undefined when it is not there. */
export async function localImageId(engine: Engine, name: string): Promise<string | undefined> {
  return (await engine.find((docker) => docker.getImage(name).inspect()))?.Id;
}

/** Makes `reference` mean the image `imageId`; `false` when there is no such image. */
export async function ensureTag(
  engine: Engine,
  reference: string,
  imageId: string,
): Promise<boolean> {
  if ((await localImageId(engine, reference)) === imageId) return true;
  const repo = writtenRepository(reference);
  const tag = parseReference(reference)?.tag ?? 'latest';
  const tagged = await engine.find(async (docker) => {
    await docker.getImage(imageId).tag({ repo, tag });
    return true;
  });
  return tagged ?? false;
}

/** Gives the image a tag of belay's own, so that a prune can't take what an unwind needs. */
export function keepImage(
  engine: Engine,
  project: string,
  component: string,
  { imageId }: Pin,
): Promise<boolean> {
  return ensureTag(engine, keepReference(project, component, imageId), imageId);
}

/** belay's own tag of an image. */
function keepReference(project: string, component: string, imageId: string): string {
  const name = `${project}-${component}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return `belay-keep/${name}:${imageId.replace(/^sha256:/, '').slice(0, 12)}`;
}

/** The registry digest under which the engine knows the image in this repository. */
export async function localDigest(
  engine: Engine,
  imageId: string,
  reference: string,
): Promise<string | undefined> {
  const image = await engine.find((docker) => docker.getImage(imageId).inspect());
  const prefix = `${writtenRepository(reference)}@`;
  // An engine may answer null where its types promise a list.
  const digests: readonly string[] | null | undefined = image?.RepoDigests;
  return digests?.find((digest) => digest.startsWith(prefix))?.slice(prefix.length);
}

/** `repository:tag` of every local image of the repository, the newest first. */
export async function localReferences(
  engine: Engine,
  repository: string,
): Promise<readonly string[]> {
  const filters = JSON.stringify({ reference: [repository] });
  const images = await engine.ask((docker) => docker.listImages({ filters }));
  return images
    .toSorted((a, b) => b.Created - a.Created)
    .flatMap(({ RepoTags }) => {
      const tags: readonly string[] | null | undefined = RepoTags;
      return tags ?? [];
    })
    .filter((reference) => isSameRepository(reference, repository));
}

/** An image is not what was planned. */
export function imageChanged(reference: string, planned: string, found: string): BelayError {
  return failure(
    'request',
    'image-changed',
    `${reference} was planned as ${planned}, but is ${found} now`,
    'Plan again: somebody moved the tag or rebuilt the image meanwhile',
  );
}
