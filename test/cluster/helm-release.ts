/** A real Helm release of the tiny server, for the contract suite. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import type { HelmSettings } from '../../src/domain/deployment.ts';
import { createHelmTarget } from '../../src/targets/helm/index.ts';
import type { Deployed } from '../contract/arrange.ts';
import { kubeconfig, kubectl, newNamespace, onCluster, programs } from '../stack/cluster.ts';
import { REPOSITORY, SECRET, writeTinyChart } from './tiny-chart.ts';

/** A release with its paths. */
export interface HelmDeployed extends Deployed {
  readonly namespace: string;
  readonly directory: string;
  readonly settings: HelmSettings;
  /** Runs helm of the release's version on the cluster. */
  readonly helm: (...args: readonly string[]) => Promise<string>;
  /** Statuses of the history, oldest first: `1 deployed`. */
  readonly history: () => Promise<readonly string[]>;
}

/** How a release is made. */
export interface ReleaseOptions {
  readonly program?: string;
  /** Further templates by file name. */
  readonly templates?: Readonly<Record<string, string>>;
  readonly settings?: Partial<HelmSettings>;
}

/** Installs the release and waits until it serves version 1. */
export async function deployHelm(options: ReleaseOptions = {}): Promise<HelmDeployed> {
  const { program = programs.helm3 } = options;
  const directory = await mkdtemp(join(tmpdir(), 'belay-helm-'));
  const chart = join(directory, 'chart');
  await writeTinyChart(chart, options.templates);
  const { name: namespace, remove } = await newNamespace();
  const helm = (...args: readonly string[]) =>
    onCluster([program, '--namespace', namespace, ...args]);
  await helm('install', 'web', chart);
  await kubectl(namespace, 'rollout', 'status', 'deployment/web-web', '--timeout=90s');
  const settings: HelmSettings = {
    kind: 'helm',
    directory,
    cluster: { namespace, kubeconfig: kubeconfig() },
    neighbours: {},
    rollout: { maxRestarts: 2, graceMs: 20_000, progressMs: 60_000 },
    release: 'web',
    chart: { from: 'path', path: chart },
    values: [],
    set: {},
    versionValues: { web: { 'image.tag': '{tag}' } },
    program,
    timeoutMs: 60_000,
    hooksOnRollback: true,
    ...options.settings,
  };
  return {
    namespace,
    directory,
    settings,
    helm,
    target: () => createHelmTarget(settings, { web: { image: REPOSITORY, tag: '{version}' } }),
    component: 'web',
    from: `${REPOSITORY}:1`,
    to: `${REPOSITORY}:2`,
    missing: `${REPOSITORY}:none`,
    secret: SECRET,
    printing: ['sh', '-c', 'echo $WORD out; exit 3'],
    endless: ['sleep', '45678'],
    serving: () => kubectl(namespace, 'exec', 'deploy/web-web', '--', 'cat', '/www/version'),
    files: async () => objectsOf(await helm('get', 'manifest', 'web')),
    isEndlessRunning: () => isProcessRunning('sleep\x0045678\0'),
    history: async () => {
      const text = await helm('history', 'web', '--output', 'json');
      const entries = JSON.parse(text) as { revision: number; status: string }[];
      return entries.map(({ revision, status }) => `${revision} ${status}`);
    },
    dispose: async () => {
      await remove();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** `Deployment/web` → its YAML. */
function objectsOf(manifest: string): Record<string, string> {
  return Object.fromEntries(
    parseAllDocuments(manifest).map((document) => {
      const object = document.toJS() as { kind: string; metadata: { name: string } };
      return [`${object.kind}/${object.metadata.name}`, stringify(object)];
    }),
  );
}

/** Processes of containers are seen on their machine. */
export async function isProcessRunning(commandLine: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.includes(commandLine);
}
