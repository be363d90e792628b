import { load, localHashes, push } from '../../examples/tenant-plane/images/engine.ts';
import { createArchive } from '../../examples/tenant-plane/images/image.ts';
import type { Recipe } from '../../examples/tenant-plane/images/recipe.ts';
import { registryHash } from '../../examples/tenant-plane/images/registry.ts';

/** What was done: nothing, a push of what the engine had, or a build (and push). */
export type ImageDone = 'nothing' | 'pushed' | 'built';

/**
 * Makes sure that an image of these very contents is in the engine, and in the registry.
 *
 * @throws Error when Docker or the registry does not answer.
 */
export async function ensureImage(
  recipe: Recipe,
  { push: pushing = true }: { readonly push?: boolean } = {},
): Promise<ImageDone> {
  const { reference, hash } = recipe;
  if (pushing && (await registryHash(reference)) === hash) return 'nothing';
  const here = (await localHashes([reference])).get(reference) === hash;
  if (!here) await load(createArchive([await recipe.build()]));
  if (pushing) await push(reference);
  if (!here) return 'built';
  return pushing ? 'pushed' : 'nothing';
}
