/** Watching rollouts on the real thing: what the kubelet and the controllers say is what is judged. */
import { stringify } from 'yaml';
import { beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { openCluster, type Cluster } from '../../src/cluster/cluster.ts';
import { watchRollout } from '../../src/cluster/rollout/watch-rollout.ts';
import { startWorkloads, stopWorkloads } from '../../src/cluster/scale.ts';
import { unstick } from '../../src/cluster/unstick.ts';
import type { WorkloadKind } from '../../src/cluster/workloads.ts';
import { quiet } from '../contract/arrange.ts';
import { ensureTinyImage } from '../contract/tiny-image.ts';
import { apply, kubeconfig, kubectl, newNamespace } from '../stack/cluster.ts';
import { REPOSITORY, SECRET } from './tiny-chart.ts';

/** Time enough for a busy machine; what fails at once does so before any grace has passed. */
const SETTINGS = { maxRestarts: 2, graceMs: 60_000, progressMs: 120_000 };
const SHORT_GRACE_MS = 6_000;

beforeAll(async () => {
  await ensureTinyImage(`${REPOSITORY}:1`, '1');
  await ensureTinyImage(`${REPOSITORY}:2`, '2');
});

/** Fields of the one container and of its pod that a case changes. */
interface Changed {
  readonly container?: object;
  readonly pod?: object;
  readonly replicas?: number;
}

/** A workload called `web`, as YAML. */
function workload(kind: WorkloadKind, { container, pod, replicas = 2 }: Changed = {}): string {
  const labels = { app: 'web' };
  return stringify({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: {
      ...(kind !== 'DaemonSet' && { replicas }),
      ...(kind === 'StatefulSet' && { serviceName: 'web' }),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'web',
              image: `${REPOSITORY}:1`,
              readinessProbe: { httpGet: { path: '/version', port: 8080 }, periodSeconds: 1 },
              ...container,
            },
          ],
          ...pod,
        },
      },
    },
  });
}

interface Scene {
  readonly namespace: string;
  readonly cluster: Cluster;
  /** Watches until it is decided; answers what was said meanwhile. */
  readonly watch: (settings?: Partial<typeof SETTINGS>) => Promise<string[]>;
}

/** A namespace of its own in which the workload serves version 1. */
async function scene(
  { onTestFinished }: TestContext,
  kind: WorkloadKind,
  before: Changed = {},
): Promise<Scene> {
  const { name: namespace, remove } = await newNamespace();
  onTestFinished(remove);
  await apply(namespace, workload(kind, before));
  await kubectl(namespace, 'rollout', 'status', `${kind}/web`, '--timeout=90s');
  const cluster = openCluster({ namespace, kubeconfig: kubeconfig() });
  const watch = async (settings: Partial<typeof SETTINGS> = {}) => {
    const context = quiet();
    const goal = [{ ref: { kind, name: 'web' }, images: { web: [] } }];
    await watchRollout(cluster, goal, { ...SETTINGS, ...settings }, context);
    return context.seen.map(({ detail = '' }) => detail);
  };
  return { namespace, cluster, watch };
}

const two = { image: `${REPOSITORY}:2` };
const sayingTheSecret = {
  ...two,
  command: ['sh', '-c', 'echo logged:$WORD; echo then it ended; exit 3'],
  env: [{ name: 'WORD', valueFrom: { secretKeyRef: { name: 'words', key: 'word' } } }],
};
const SECRET_WORDS = stringify({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'words' },
  stringData: { word: SECRET },
});
const NO_MORE_PODS = stringify({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'small' },
  spec: { hard: { pods: '1' } },
});

describe.concurrent('a rollout', () => {
  test.for<WorkloadKind>(['Deployment', 'StatefulSet', 'DaemonSet'])(
    'of a good %s is done when all its pods are new, with few requests',
    async (kind, context) => {
      const { namespace, watch, cluster } = await scene(context, kind);
      await apply(namespace, workload(kind, { container: two }));
      const startedMs = Date.now();
      const callsBefore = cluster.calls();
      const said = await watch();
      const seconds = (Date.now() - startedMs) / 1_000;
      // The first poll comes at once.
      expect((cluster.calls() - callsBefore - 5) / seconds).toBeLessThanOrEqual(5);
      const images = ['get', 'pods', '--output', 'jsonpath={.items[*].spec.containers[*].image}'];
      const running = (await kubectl(namespace, ...images, '--field-selector=status.phase=Running'))
        .split(' ')
        .filter((image) => image === two.image);
      expect(running.length).toBe(kind === 'DaemonSet' ? 1 : 2);
      expect(said.join('\n')).toContain(`${kind}/web: `);
    },
  );

  test.for<readonly [string, WorkloadKind, Changed, string, string]>([
    [
      'whose image is not there',
      'Deployment',
      { container: { image: `${REPOSITORY}:nowhere` } },
      'release',
      'image-not-found',
    ],
    [
      'whose registry does not answer',
      'Deployment',
      { container: { image: '127.0.0.1:9/shop/web:2' } },
      'environment',
      'image-pull',
    ],
    [
      'whose image is no name',
      'Deployment',
      { container: { image: 'No Such' } },
      'release',
      'image-invalid',
    ],
    [
      'that finds no room',
      'Deployment',
      { container: { ...two, resources: { requests: { cpu: '4000' } } } },
      'environment',
      'pod-unschedulable',
    ],
    [
      'that lacks a Secret’s key',
      'Deployment',
      { container: { ...two, env: sayingTheSecret.env } },
      'release',
      'container-config',
    ],
    [
      'that lacks a Secret’s volume',
      'DaemonSet',
      {
        container: { ...two, volumeMounts: [{ name: 'v', mountPath: '/v' }] },
        pod: { volumes: [{ name: 'v', secret: { secretName: 'none' } }] },
      },
      'release',
      'container-config',
    ],
    [
      'that names no program',
      'StatefulSet',
      { container: { ...two, command: ['/none'] } },
      'release',
      'container-start',
    ],
    [
      'that is never ready',
      'Deployment',
      {
        container: {
          ...two,
          readinessProbe: { httpGet: { path: '/nothing', port: 8080 }, periodSeconds: 1 },
        },
      },
      'release',
      'rollout-stuck',
    ],
  ])('%s (%s)', async ([, kind, changed, fault, code], context) => {
    const { namespace, watch } = await scene(context, kind);
    await apply(namespace, workload(kind, changed));
    const startedMs = Date.now();
    const failed = await watch({
      ...(fault === 'environment' && { graceMs: SHORT_GRACE_MS }),
      ...(code === 'rollout-stuck' && { progressMs: 30_000 }),
    }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ fault, code });
    const tookMs = Date.now() - startedMs;
    if (fault === 'environment') expect(tookMs).toBeGreaterThan(SHORT_GRACE_MS);
    if (code !== 'rollout-stuck' && fault === 'release')
      expect(tookMs).toBeLessThan(SETTINGS.graceMs);
    if (code === 'rollout-stuck') expect(String(failed)).toMatch(/Readiness probe failed/);
    // The way back is watched with pods of the failed release still there.
    await apply(namespace, workload(kind));
    await unstickWeb(namespace, kind);
    await watch();
  });

  test('that ends again and again says what it said, and no secret', async (context) => {
    const { namespace, watch } = await scene(context, 'Deployment');
    await apply(namespace, SECRET_WORDS);
    await apply(namespace, workload('Deployment', { container: sayingTheSecret }));
    const failed = await watch().catch((error: unknown) => error);
    expect(failed).toMatchObject({ fault: 'release', code: 'crash-loop' });
    expect(String(failed)).toMatch(/exit code 3/);
    expect(String(failed)).toMatch(/then it ended/);
    expect(String(failed)).toMatch(/logged:\*\*\*/);
    expect(String(failed)).not.toContain(SECRET);
  });

  test.for<WorkloadKind>(['Deployment', 'StatefulSet'])(
    'that meets a quota waits its grace (%s)',
    async (kind, context) => {
      const { namespace, watch } = await scene(context, kind);
      await apply(namespace, NO_MORE_PODS);
      await apply(namespace, workload(kind, { container: two }));
      const failed = watch({ graceMs: SHORT_GRACE_MS });
      await expect(failed).rejects.toMatchObject({ fault: 'environment', code: 'pods-refused' });
      await expect(failed).rejects.toThrow(/exceeded quota/);
    },
  );

  test('that an admission forbids fails at once, and so can be gone back from', async (context) => {
    const { namespace, watch } = await scene(context, 'Deployment');
    const label = 'pod-security.kubernetes.io/enforce=baseline';
    await kubectl(namespace, 'label', 'namespace', namespace, label);
    const container = { ...two, securityContext: { privileged: true } };
    await apply(namespace, workload('Deployment', { container }));
    const failed = watch();
    await expect(failed).rejects.toMatchObject({ fault: 'release', code: 'pods-refused' });
    await expect(failed).rejects.toThrow(/violates PodSecurity/);
    await apply(namespace, workload('Deployment'));
    await watch();
  });

  test.for<WorkloadKind>(['Deployment', 'StatefulSet', 'DaemonSet'])(
    'back from pods of the same image that end again and again (%s)',
    async (kind, context) => {
      const { namespace, watch } = await scene(context, kind);
      await apply(namespace, workload(kind, { container: { command: ['false'] } }));
      await expect(watch()).rejects.toMatchObject({ fault: 'release', code: 'crash-loop' });
      await apply(namespace, workload(kind, { container: { command: null } }));
      await unstickWeb(namespace, kind);
      const startedMs = Date.now();
      await watch();
      expect(Date.now() - startedMs).toBeLessThan(60_000);
    },
  );

  test.for<WorkloadKind>(['Deployment', 'StatefulSet', 'DaemonSet'])(
    'stopped and started, twice each, there are as many pods as there were (%s)',
    async (kind, context) => {
      const { namespace, cluster } = await scene(context, kind, {
        pod: { nodeSelector: { 'kubernetes.io/os': 'linux' } },
      });
      const refs = [{ kind, name: 'web' }];
      const template = () =>
        kubectl(namespace, 'get', `${kind}/web`, '--output', 'jsonpath={.spec.template.spec}');
      const before = await template();
      const pods = async () =>
        (await kubectl(namespace, 'get', 'pods', '--output', 'name')).split('\n').length - 1;
      const count = await pods();
      await stopWorkloads(cluster, refs, quiet());
      expect(await pods()).toBe(0);
      await stopWorkloads(cluster, refs, quiet());
      await startWorkloads(cluster, refs, quiet());
      expect(await pods()).toBe(count);
      expect(await template()).toBe(before);
      await startWorkloads(cluster, refs, quiet());
      const { metadata } = JSON.parse(
        await kubectl(namespace, 'get', `${kind}/web`, '--output', 'json'),
      ) as { metadata: { annotations?: Record<string, string> } };
      expect(JSON.stringify(metadata.annotations)).not.toContain('belay.dev');
    },
  );

  test('a pod that its node gave up does not keep a stop waiting', async (context) => {
    const { namespace, cluster } = await scene(context, 'Deployment', {
      replicas: 1,
      container: { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
      pod: { volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Mi' } }] },
    });
    const [pod = ''] = (await kubectl(namespace, 'get', 'pods', '--output', 'name')).split('\n');
    await kubectl(namespace, 'exec', pod, '--', 'sh', '-c', 'cat /noise /noise >/v/much');
    const evicted = '--for=jsonpath={.status.phase}=Failed';
    await kubectl(namespace, 'wait', pod, evicted, '--timeout=240s');
    await kubectl(namespace, 'rollout', 'status', 'deployment/web', '--timeout=90s');
    await stopWorkloads(cluster, [{ kind: 'Deployment', name: 'web' }], quiet());
    expect(await kubectl(namespace, 'get', 'pods', '--output', 'name')).toBe(`${pod}\n`);
  });
});

async function unstickWeb(namespace: string, kind: WorkloadKind): Promise<void> {
  const cluster = openCluster({ namespace, kubeconfig: kubeconfig() });
  await unstick(cluster, [{ kind, name: 'web' }]);
}
