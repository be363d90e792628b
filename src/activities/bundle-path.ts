/** A request may name a bundle only in the folders that the deployment file allows. */
import { isAbsolute, relative, resolve } from 'node:path';
import type { Deployment } from '../domain/deployment.ts';
import type { Refusal } from '../domain/errors.ts';
import type { ImageSource } from '../domain/target.ts';

/** Why the source may not be read, or undefined when it may. */
export function bundleRefusal(
  { name, bundles }: Pick<Deployment, 'name' | 'bundles'>,
  source: ImageSource,
): Refusal | undefined {
  if (source.from === 'registry') return undefined;
  const { path } = source;
  if (isAbsolute(path) && bundles.some((folder) => isInside(folder, resolve(path)))) {
    return undefined;
  }
  const allowed = bundles.length === 0 ? 'none' : bundles.join(', ');
  return {
    code: 'bundle-not-allowed',
    message: `${name}: the bundle ${path} lies in no folder that the deployment file allows (${allowed})`,
    remedy:
      'Name an absolute path in one of these folders, or add its folder to `bundles` in the deployment file',
  };
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}
