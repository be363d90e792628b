import { buildImages } from '../../examples/tenant-plane/images.ts';
import type { ClusterPlace } from '../../examples/tenant-plane/kubernetes/api.ts';
import { ensureCluster, stopCluster } from '../kube/cluster.ts';
import { ClusterSite } from '../stack/cluster-site.ts';
import { createStack } from '../suites/with-stack.ts';
import type { DemoArguments } from './arguments.ts';
import { VERSIONS } from './story.ts';
import type { Scene, Stage } from './story.ts';

/** The example as a Helm release: on the user's cluster, or on one that is started for the demo. */
export function helmStage({ kubeconfig, context, registry }: DemoArguments): Stage {
  const stack = createStack();
  const theirs = kubeconfig && { kubeconfig, ...(context !== undefined && { context }) };
  let place: ClusterPlace | undefined;
  let ownCluster = false;
  return {
    parts: `${theirs ? 'The cluster that was named' : 'A Kubernetes cluster of its own'}, a registry, and the images of the example`,
    build: async () => {
      await stack.ensure();
      await buildImages({ versions: VERSIONS, ...(registry !== undefined && { registry }) });
      if (theirs) {
        place = theirs;
        return;
      }
      const cluster = await ensureCluster();
      ownCluster = cluster.startedNow;
      place = { kubeconfig: cluster.kubeconfig };
    },
    scene: 'The example application, version 1.2.2, three pods of it, with its Postgres',
    open: async () => {
      if (!place) throw new Error('the stage is opened before it is built');
      const helm = process.env['BELAY_HELM3'] ?? 'helm';
      const where = registry !== undefined && { registry };
      return sceneOf(await ClusterSite.start({ name: 'globex', helm, ...place, ...where }));
    },
    strike: async () => {
      if (ownCluster) await stopCluster();
      await stack.stop();
    },
  };
}

function sceneOf(site: ClusterSite): Scene {
  const { env, example } = site;
  const { namespace, kubeconfig, context } = example;
  const where = `KUBECONFIG=${kubeconfig} kubectl${context === undefined ? '' : ` --context ${context}`} --namespace ${namespace}`;
  const service = example.url.replace(/^service:\/\/([^:]+):.*$/, '$1');
  return {
    name: example.name,
    belay: (args, options) => site.belay(args, options),
    serving: () => site.serving(),
    places: async () => ({
      'the application': `${where} port-forward service/${service} 3000`,
      'its pods': `${where} get pods`,
      "Temporal's UI": (await site.uiUrl()) ?? 'see belay status',
      'the folder': example.directory,
      'belay itself': `BELAY_STATE=${env['BELAY_STATE'] ?? ''} BELAY_DEPLOYMENTS=${example.deployments} bin/belay status`,
    }),
    stop: () => site.stop(),
  };
}
