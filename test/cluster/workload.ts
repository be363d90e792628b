/** Plain objects of the tiny server, for the contract suite. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { KubernetesSettings } from '../../src/domain/deployment.ts';
import { createKubernetesTarget } from '../../src/targets/kubernetes/index.ts';
import type { Deployed } from '../contract/arrange.ts';
import { apply, kubeconfig, kubectl, newNamespace } from '../stack/cluster.ts';
import { isProcessRunning } from './helm-release.ts';
import { REPOSITORY, SECRET, tinyObjects } from './tiny-chart.ts';

/** Workloads with their namespace. */
export interface WorkloadDeployed extends Deployed {
  readonly namespace: string;
  readonly settings: KubernetesSettings;
}

/** Applies the objects and waits until they serve version 1. */
export async function deployWorkload(
  changed: Partial<KubernetesSettings> = {},
): Promise<WorkloadDeployed> {
  const directory = await mkdtemp(join(tmpdir(), 'belay-workload-'));
  const { name: namespace, remove } = await newNamespace();
  await apply(namespace, tinyObjects({ name: 'web', image: `${REPOSITORY}:1` }));
  await kubectl(namespace, 'rollout', 'status', 'deployment/web-web', '--timeout=60s');
  const settings: KubernetesSettings = {
    kind: 'kubernetes',
    directory,
    cluster: { namespace, kubeconfig: kubeconfig() },
    neighbours: {},
    rollout: { maxRestarts: 2, graceMs: 20_000, progressMs: 60_000 },
    workloads: {},
    ...changed,
  };
  return {
    namespace,
    settings,
    target: () =>
      createKubernetesTarget(settings, { web: { image: REPOSITORY, tag: '{version}' } }),
    component: 'web',
    from: `${REPOSITORY}:1`,
    to: `${REPOSITORY}:2`,
    missing: `${REPOSITORY}:none`,
    secret: SECRET,
    printing: ['sh', '-c', 'echo $WORD out; exit 3'],
    endless: ['sleep', '56789'],
    serving: () => kubectl(namespace, 'exec', 'deploy/web-web', '--', 'cat', '/www/version'),
    files: async () => {
      const text = await kubectl(namespace, 'get', 'deployment/web-web', '--output', 'json');
      const { spec } = JSON.parse(text) as { spec: unknown };
      return { 'Deployment/web-web': stringify(spec) };
    },
    isEndlessRunning: () => isProcessRunning('sleep\x0056789\0'),
    dispose: async () => {
      await remove();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
