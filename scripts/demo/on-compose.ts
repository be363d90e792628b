import { buildImages } from '../../examples/tenant-plane/images.ts';
import { Site } from '../stack/site.ts';
import { createStack } from '../suites/with-stack.ts';
import { VERSIONS } from './story.ts';
import type { Scene, Stage } from './story.ts';

/** The example as a Compose project on this machine's Docker. */
export function composeStage(): Stage {
  const stack = createStack();
  return {
    parts: 'A Docker engine, a registry on 127.0.0.1:5000, and the images of the example',
    build: async () => {
      await stack.ensure();
      await buildImages({ versions: VERSIONS });
    },
    scene: 'The example application, version 1.2.2, with its Postgres',
    open: async () => sceneOf(await Site.start({ name: 'acme', leftovers: 'refuse' })),
    strike: () => stack.stop(),
  };
}

function sceneOf(site: Site): Scene {
  const { env, example } = site;
  return {
    name: example.name,
    belay: (args, options) => site.belay(args, options),
    serving: () => site.serving(),
    places: async () => ({
      'the application': `${example.url}/api/health`,
      "Temporal's UI": (await site.uiUrl()) ?? 'see belay status',
      'the project': example.directory,
      'belay itself': `BELAY_STATE=${env['BELAY_STATE'] ?? ''} BELAY_DEPLOYMENTS=${example.deployments} bin/belay status`,
    }),
    stop: () => site.stop(),
  };
}
