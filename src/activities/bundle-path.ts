/** A request may name a bundle only in the folders that the deployment file allows, links resolved. */
import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import type { Deployment } from '../domain/deployment.ts';
import type { Refusal } from '../domain/errors.ts';
import type { ImageSource } from '../domain/target.ts';

/** Why the source may not be read, or undefined when it may. A file that is missing is the reader's to tell. */
export async function bundleRefusal(
  { name, bundles }: Pick<Deployment, 'name' | 'bundles'>,
  source: ImageSource,
): Promise<Refusal | undefined> {
  if (source.from === 'registry') return undefined;
  const { path } = source;
  const real = await realOf(resolve(path));
  const folders = await Promise.all(bundles.map(realOf));
  // As it is named and as it really lies: a missing file has no real path of its own.
  const allowed = [real, resolve(path)].every((place) =>
    [...folders, ...bundles].some((folder) => isInside(folder, place)),
  );
  if (isAbsolute(path) && allowed) return undefined;
  return {
    code: 'bundle-not-allowed',
    message: `${name}: the bundle ${path} lies in no folder that the deployment file allows (${bundles.join(', ') || 'none'})`,
    remedy:
      'Name an absolute path in one of these folders, or add its folder to `bundles` in the deployment file',
  };
}

function realOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}
