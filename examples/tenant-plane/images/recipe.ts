import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import type { Image } from './image.ts';

/** An image that can be built, and the hash by which a built one is recognised. */
export interface Recipe {
  readonly reference: string;
  /** Changes with everything that goes into the image. */
  readonly hash: string;
  build(): Promise<Image>;
}

/** The image label that carries the hash of the recipe. */
export const hashLabel = 'dev.belay.example.hash';

/** The hash of some texts; where one ends and the next begins matters. */
export function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Name and contents of every file of one kind in a folder, by name. */
export async function readFolder(
  folder: URL,
  extension: string,
): Promise<readonly (readonly [name: string, text: string])[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(extension)).sort();
  return Promise.all(
    names.map(async (name) => [name, await readFile(new URL(name, folder), 'utf8')] as const),
  );
}

/** The code that builds images is an input of every image. */
export async function builderSources(): Promise<string[]> {
  const sources = await readFolder(new URL('./', import.meta.url), '.ts');
  return sources.filter(([name]) => !name.endsWith('.test.ts')).flat();
}
