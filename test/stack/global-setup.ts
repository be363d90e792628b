/** Real parts for the suites that need them: a Docker engine, a registry, the example's images. */
import { buildImages } from '../../examples/tenant-plane/images.ts';
import { ensureDocker } from '../../scripts/stack/docker.ts';
import { ensureRegistry } from '../../scripts/stack/registry.ts';

export default async function setup(): Promise<void> {
  await ensureDocker();
  await ensureRegistry();
  await buildImages();
}
