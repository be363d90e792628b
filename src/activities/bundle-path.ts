/** A request may name a bundle only in the folders that the deployment file allows, also by way of links. */
import { realpath } from 'node:fs/promises';
import type { Deployment } from '../domain/deployment.ts';
import type { Refusal } from '../domain/errors.ts';
import type { ImageSource } from '../domain/target.ts';
import { whyNotBundle } from '../plan/allowed-bundle.ts';

/** Why the source may not be read, or undefined when it may. A file that is missing is the reader's to tell. */
export async function bundleRefusal(
  deployment: Pick<Deployment, 'name' | 'bundles'>,
  source: ImageSource,
): Promise<Refusal | undefined> {
  if (source.from === 'registry') return undefined;
  const refused = whyNotBundle(deployment, source.path);
  if (refused) return refused;
  const real = await realpath(source.path).catch(() => source.path);
  const bundles = await Promise.all(
    deployment.bundles.map((folder) => realpath(folder).catch(() => folder)),
  );
  return whyNotBundle({ ...deployment, bundles }, real);
}
