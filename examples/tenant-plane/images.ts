import { parseArgs } from 'node:util';
import { applicationRecipes } from './images/application.ts';
import { load, localHashes, push } from './images/engine.ts';
import { createArchive } from './images/image.ts';
import { postgresRecipe } from './images/postgres.ts';
import type { Recipe } from './images/recipe.ts';
import { registryHash } from './images/registry.ts';
import { findVersions, versions } from './images/versions.ts';

/** Which images to build, and where they go. */
export interface BuildOptions {
  /** Versions of the application; all of them when left out. Postgres always comes with them. */
  readonly versions?: readonly string[];
  /** Push to the registry (the default), or only load into the Docker engine. */
  readonly push?: boolean;
  /** `host:port`; it must be one that Docker talks to without TLS, such as 127.0.0.1. */
  readonly registry?: string;
  /** Hears one line for everything that is done. */
  readonly report?: (line: string) => void;
}

/** What was done for one image: nothing, a push of what the engine had, or a build (and push). */
export interface BuiltImage {
  readonly reference: string;
  readonly done: 'nothing' | 'pushed' | 'built';
}

/** Where the example's images are pushed, and the name under which its Compose file finds them. */
export const defaultRegistry = '127.0.0.1:5000';

/**
 * Makes sure that the example's images are in the registry, building and pushing only what is missing
 * or out of date. The engine's own copies are left as they are, except that one made from other
 * sources is replaced: Compose would run it instead of pulling.
 *
 * @throws Error when Docker or the registry does not answer, or a version is unknown.
 */
export async function buildImages(options: BuildOptions = {}): Promise<readonly BuiltImage[]> {
  const { registry = defaultRegistry, push: pushing = true, report = () => undefined } = options;
  const wanted = options.versions === undefined ? versions : findVersions(options.versions);
  const recipes = [
    await postgresRecipe(`${registry}/atlasai/postgres`),
    ...(await applicationRecipes(`${registry}/atlasai/tenant-plane`, wanted)),
  ];
  const work = await findWork(recipes, pushing);
  const toLoad = work.filter(({ load }) => load);
  if (toLoad.length > 0) {
    report(`building ${toLoad.length} images`);
    const images = await Promise.all(toLoad.map(({ recipe }) => recipe.build()));
    await load(createArchive(images));
  }
  for (const { recipe } of work.filter(({ push }) => push)) {
    report(`pushing ${recipe.reference}`);
    await push(recipe.reference);
  }
  return work.map(({ recipe: { reference }, load, push }) => ({
    reference,
    done: load ? 'built' : push ? 'pushed' : 'nothing',
  }));
}

interface Work {
  readonly recipe: Recipe;
  readonly load: boolean;
  readonly push: boolean;
}

async function findWork(recipes: readonly Recipe[], pushing: boolean): Promise<Work[]> {
  const local = await localHashes(recipes.map(({ reference }) => reference));
  return Promise.all(
    recipes.map(async (recipe) => {
      const here = local.get(recipe.reference);
      const push = pushing && (await registryHash(recipe.reference)) !== recipe.hash;
      const needed = push || !pushing || here !== undefined;
      return { recipe, push, load: needed && here !== recipe.hash };
    }),
  );
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { registry: { type: 'string' }, 'no-push': { type: 'boolean', default: false } },
  });
  const report = (line: string): void => console.log(line);
  const built = await buildImages({
    report,
    push: !values['no-push'],
    ...(values.registry === undefined ? {} : { registry: values.registry }),
    ...(positionals.length === 0 ? {} : { versions: positionals }),
  });
  for (const { reference, done } of built) report(`${reference}: ${done}`);
}
