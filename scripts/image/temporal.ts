import { createLayer } from '../../examples/tenant-plane/images/layer.ts';
import type { Image } from '../../examples/tenant-plane/images/image.ts';
import {
  fingerprint,
  librariesOf,
  rootFiles,
  sameFiles,
} from '../../examples/tenant-plane/images/programs.ts';
import { builderSources, hashLabel, hashOf } from '../../examples/tenant-plane/images/recipe.ts';
import type { Recipe } from '../../examples/tenant-plane/images/recipe.ts';
import { fileEntry } from './files.ts';

/**
 * The recipe of an image with Temporal's development server, for tests that need one inside a cluster
 * or a Compose project. It keeps everything in memory.
 *
 * @throws Error when the program is not on this machine.
 */
export async function temporalRecipe(reference: string): Promise<Recipe> {
  const program = process.env['BELAY_TEMPORAL_BIN'] ?? '';
  const hash = hashOf([process.arch, await fingerprint(program), ...(await builderSources())]);
  const build = async (): Promise<Image> => ({
    reference,
    layers: [
      await createLayer('temporal', [
        ...rootFiles(),
        ...(await sameFiles(await librariesOf([program]))),
        await fileEntry(program, '/usr/local/bin/temporal'),
      ]),
    ],
    created: '2026-01-01T00:00:00Z',
    run: {
      User: '1000:1000',
      Env: ['PATH=/usr/local/bin', 'HOME=/tmp'],
      Entrypoint: ['temporal'],
      Cmd: ['server', 'start-dev', '--ip', '0.0.0.0', '--headless'],
      WorkingDir: '/tmp',
      ExposedPorts: { '7233/tcp': {} },
      Labels: { [hashLabel]: hash },
      StopSignal: 'SIGTERM',
    },
  });
  return { reference, hash, build };
}
