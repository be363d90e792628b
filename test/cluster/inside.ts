/** belay's own chart on the test cluster, with a Temporal beside it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { ClusterExample } from '../../examples/tenant-plane/prepare-cluster.ts';
import { belayRecipe } from '../../scripts/image/belay.ts';
import { ensureImage } from '../../scripts/image/ensure-image.ts';
import { temporalRecipe } from '../../scripts/image/temporal.ts';
import { apply, kubectl, onCluster, programs } from '../stack/cluster.ts';

const REGISTRY = '127.0.0.1:5000';
const TEMPORAL = `${REGISTRY}/belay-dev/temporal:test`;
const CHARTS = `${REGISTRY}/belay-dev/charts`;
const chart = fileURLToPath(new URL('../../deploy/chart', import.meta.url));

/** The release of belay's chart. */
export const RELEASE = 'belay';

/** The site that its worker serves. */
export const SITE = 'inside';

/** Builds belay's image and Temporal's, from this checkout and this machine's programs. */
export async function buildBelay(): Promise<void> {
  await ensureImage(await belayRecipe(`${REGISTRY}/belay:test`));
  await ensureImage(await temporalRecipe(TEMPORAL));
}

/** Starts a Temporal in the namespace; answers its address, which needs no name server. */
export async function startTemporal(namespace: string): Promise<string> {
  await apply(
    namespace,
    `apiVersion: v1
kind: Service
metadata: {name: temporal}
spec: {selector: {app: temporal}, ports: [{port: 7233}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: temporal}
spec:
  selector: {matchLabels: {app: temporal}}
  template:
    metadata: {labels: {app: temporal}}
    spec:
      containers:
        - name: temporal
          image: ${TEMPORAL}
          readinessProbe: {tcpSocket: {port: 7233}, periodSeconds: 1}
`,
  );
  await kubectl(namespace, 'rollout', 'status', 'deployment/temporal', '--timeout=90s');
  const address = await kubectl(
    namespace,
    ...['get', 'service', 'temporal', '--output', 'jsonpath={.spec.clusterIP}'],
  );
  return `${address.trim()}:7233`;
}

/** Brings the example's chart to where a worker in a pod finds it. */
export async function pushChart(
  example: ClusterExample,
): Promise<{ oci: string; version: string }> {
  const packed = await onCluster([
    ...[programs.helm3, 'package', example.chart, '--destination', example.directory],
  ]);
  const archive = packed.trim().replace(/^.*: /, '');
  await onCluster([programs.helm3, 'push', archive, `oci://${CHARTS}`, '--plain-http']);
  const manifest = parse(await readFile(join(example.chart, 'Chart.yaml'), 'utf8')) as {
    name: string;
    version: string;
  };
  return { oci: `oci://${CHARTS}/${manifest.name}`, version: manifest.version };
}

/** Installs belay's chart as the site of this example, and waits until its workers poll. */
export async function installBelay(
  namespace: string,
  temporal: string,
  example: ClusterExample,
): Promise<void> {
  const url = (await readFile(example.databaseUrlFile, 'utf8')).trim();
  await apply(
    namespace,
    `{apiVersion: v1, kind: Secret, metadata: {name: globex}, stringData: {database-url: '${url}'}}`,
  );
  const values = {
    image: { repository: `${REGISTRY}/belay`, tag: 'test', pullPolicy: 'Always' },
    temporal: { address: temporal },
    // The registry is known to the nodes alone.
    site: {
      name: SITE,
      hostNetwork: true,
      secretFiles: 'globex',
      persistence: { enabled: false },
    },
    deployments: { [example.name]: await deploymentOf(example) },
    releases: {
      '1.3.0': parse(await readFile(join(example.releases, '1.3.0.yaml'), 'utf8')) as object,
    },
    files: { 'values.yaml': await readFile(example.valuesFile, 'utf8') },
    rbac: { namespaces: [example.namespace] },
  };
  await onCluster(
    [
      ...[programs.helm3, 'upgrade', '--install', RELEASE, chart, '--namespace', namespace],
      ...['--values', '-', '--wait', '--timeout', '300s'],
    ],
    JSON.stringify(values),
  );
}

/** The example's deployment file, as a worker in a pod of the same cluster has to have it. */
async function deploymentOf(example: ClusterExample): Promise<object> {
  const written = parse(await readFile(example.deploymentFile, 'utf8')) as {
    target: { helm: Record<string, unknown> };
    backup: { postgres: Record<string, unknown> };
  };
  const { kubeconfig: _, program: _program, ...helm } = written.target.helm;
  return {
    ...written,
    site: SITE,
    target: {
      helm: {
        ...helm,
        directory: '/var/lib/belay',
        chart: await pushChart(example),
        values: ['/etc/belay/files/values.yaml'],
      },
    },
    releases: '/etc/belay/releases',
    backup: {
      postgres: { ...written.backup.postgres, url: { file: '/etc/belay/secrets/database-url' } },
    },
  };
}

/** `belay …` in the control worker's pod. */
export async function belayInside(
  namespace: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly said: string }> {
  const pod = `deployment/${RELEASE}-control`;
  // kubectl's own exit code is the command's, but not the helper's that runs it.
  const script = 'belay "$@" 2>&1; echo "exit $?"';
  const text = await kubectl(namespace, 'exec', pod, '--', 'sh', '-c', script, 'belay', ...args);
  const code = /exit (\d+)\s*$/.exec(text)?.[1];
  return { code: Number(code), said: text };
}
