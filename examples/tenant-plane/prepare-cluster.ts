import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { parseDocument } from 'yaml';
import {
  addressOf,
  createNamespace,
  createObjects,
  createSecret,
  openApi,
  removeNamespace,
  untilReady,
} from './kubernetes/api.ts';
import { defaultRegistry } from './images.ts';
import type { Api, ClusterPlace } from './kubernetes/api.ts';

/** Which cluster, and what an installation of the example there is called. */
export interface ClusterOptions extends ClusterPlace {
  /** A new folder for chart, values, deployment file, records and backups. */
  readonly folder: string;
  /** The deployment's name, and the release's. */
  readonly name: string;
  /** The namespace, which is made; the name when left out. */
  readonly namespace?: string;
  /** The version that is installed first; 1.2.2 when left out. */
  readonly version?: string;
  /** The helm program, 3 or 4; `helm` when left out. */
  readonly helm?: string;
  /** Where the nodes find the images, as `buildImages` was told; 127.0.0.1:5000 when left out. */
  readonly registry?: string;
  /** The Service's port on every node; without it, it has none. */
  readonly nodePort?: number;
  /** The folder for the deployment file; `deployments` in `folder` when left out. */
  readonly deployments?: string;
  /** Values to change in the values file, by path: `{'migrations.hook': true}`. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Settings of the deployment file to change, by path: `{'health.timeout': '20s'}`. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Where the parts of an installation are; every path is absolute. */
export interface ClusterExample extends ClusterPlace {
  readonly name: string;
  readonly namespace: string;
  readonly release: string;
  readonly directory: string;
  readonly chart: string;
  readonly valuesFile: string;
  /** Holds the database's URL: the owner's only. */
  readonly databaseUrlFile: string;
  readonly deployments: string;
  readonly deploymentFile: string;
  readonly releases: string;
  readonly backups: string;
  readonly logs: string;
  readonly history: string;
  readonly previous: string;
  /** The Service, as a deployment file names it: `service://…:3000`, without a slash at its end. */
  readonly url: string;
}

const run = promisify(execFile);
const source = new URL('./', import.meta.url);
const port = 3000;

/**
 * Installs the example on a cluster, in a namespace of its own with random secrets, waits until it is
 * healthy, and writes a folder from which `belay upgrade` works. The images must be where the nodes
 * find them: see `images.ts`.
 *
 * @throws Error when the namespace or the folder's files are there already, or the installation does
 *   not become healthy; what was made on the cluster is taken away again then.
 */
export async function prepareOnCluster(options: ClusterOptions): Promise<ClusterExample> {
  const example = placesOf(options);
  const api = openApi(options);
  await createNamespace(api, example.namespace);
  try {
    const databaseUrl = await createDatabase(api, options, example);
    await writeFolder(example, options, databaseUrl);
    await install(example, options);
  } catch (error) {
    await removeFromCluster(example);
    throw error;
  }
  return example;
}

/** Takes an installation off its cluster again, database and all; the folder stays. */
export async function removeFromCluster(
  example: Pick<ClusterExample, 'kubeconfig' | 'context' | 'namespace'>,
  { wait = true }: { readonly wait?: boolean } = {},
): Promise<void> {
  await removeNamespace(openApi(example), example.namespace, { wait });
}

/** Where everything of an installation is; makes nothing. */
export function placesOf({
  folder,
  name,
  kubeconfig,
  context,
  namespace = name,
  deployments = join(folder, 'deployments'),
}: ClusterOptions): ClusterExample {
  const directory = resolve(folder);
  return {
    name,
    namespace,
    release: name,
    kubeconfig: resolve(kubeconfig),
    ...(context !== undefined && { context }),
    directory,
    chart: join(directory, 'chart'),
    valuesFile: join(directory, 'values-production.yaml'),
    databaseUrlFile: join(directory, 'database-url'),
    deployments: resolve(deployments),
    deploymentFile: join(resolve(deployments), `${name}.yaml`),
    releases: join(directory, 'releases'),
    backups: join(directory, 'backups'),
    logs: join(directory, 'logs'),
    history: join(directory, 'data/.atlas-upgrade-history'),
    previous: join(directory, 'data/.atlas-previous-version'),
    // The chart's own rule for names.
    url: `service://${name.includes('tenant-plane') ? name : `${name}-tenant-plane`}:${port}`,
  };
}

/** @returns the database's URL, with its password: not for logs. */
async function createDatabase(
  api: Api,
  { registry = defaultRegistry }: ClusterOptions,
  { namespace }: ClusterExample,
): Promise<string> {
  const password = randomBytes(18).toString('hex');
  await createSecret(api, namespace, 'db', { password });
  const objects = await readSource('kubernetes/database.yaml');
  await createObjects(api, namespace, objects.replace(`${defaultRegistry}/`, `${registry}/`));
  const address = await addressOf(api, namespace, 'db');
  const url = `postgresql://atlas:${password}@${address}:5432/atlas`;
  await createSecret(api, namespace, 'tenant-plane', {
    TENANT_PLANE_DATABASE_URL: url,
    INTERNAL_SERVICE_SECRET: randomBytes(18).toString('hex'),
  });
  // The application gives up on a database after half a minute, and would count as restarted.
  await untilReady(api, namespace, 'db');
  return url;
}

async function writeFolder(
  example: ClusterExample,
  options: ClusterOptions,
  databaseUrl: string,
): Promise<void> {
  const { directory, deployments, backups, logs, chart, releases } = example;
  for (const path of [deployments, join(directory, 'data')]) await mkdir(path, { recursive: true });
  for (const path of [backups, logs]) await mkdir(path, { recursive: true, mode: 0o700 });
  await cp(new URL('chart/', source), chart, { recursive: true });
  await cp(new URL('deployments/releases/', source), releases, { recursive: true });
  await writeNew(example.databaseUrlFile, `${databaseUrl}\n`, 0o600);
  const values = await readSource('kubernetes/values-production.yaml');
  await writeNew(example.valuesFile, valuesText(values, options), 0o644);
  const deployment = await readSource('kubernetes/globex.yaml');
  await writeNew(example.deploymentFile, deploymentText(deployment, example, options), 0o644);
}

function valuesText(text: string, { nodePort, registry, values = {} }: ClusterOptions): string {
  return withSettings(text, {
    ...(registry !== undefined && { 'image.repository': repositoryIn(registry) }),
    ...(nodePort !== undefined && { 'service.type': 'NodePort', 'service.nodePort': nodePort }),
    ...values,
  });
}

function repositoryIn(registry: string): string {
  return `${registry}/atlasai/tenant-plane`;
}

/** The deployment file of an installation: its names, its folder, its cluster. */
export function deploymentText(
  text: string,
  { name, namespace, release, directory, releases, kubeconfig, context, url }: ClusterExample,
  {
    helm = 'helm',
    registry = defaultRegistry,
    settings = {},
  }: Pick<ClusterOptions, 'helm' | 'registry' | 'settings'>,
): string {
  return withSettings(text, {
    name,
    tenant: name,
    'target.helm.release': release,
    'target.helm.namespace': namespace,
    'target.helm.directory': directory,
    'target.helm.kubeconfig': kubeconfig,
    ...(context !== undefined && { 'target.helm.context': context }),
    ...(helm !== 'helm' && { 'target.helm.program': helm }),
    'target.helm.components.tenant-plane.image': repositoryIn(registry),
    'version.http': `${url}/api/health`,
    releases,
    'health.url': `${url}/api/health`,
    ...settings,
  });
}

function withSettings(text: string, settings: Readonly<Record<string, unknown>>): string {
  const document = parseDocument(text);
  for (const [path, value] of Object.entries(settings)) document.setIn(path.split('.'), value);
  return document.toString({ lineWidth: 100 });
}

async function install(
  { release, namespace, chart, valuesFile, kubeconfig, context }: ClusterExample,
  { helm = 'helm', version = '1.2.2' }: ClusterOptions,
): Promise<void> {
  // The very values that the deployment file names, so that nothing of the release is undeclared.
  const args = [
    ...['install', release, chart, '--namespace', namespace],
    ...(context === undefined ? [] : ['--kube-context', context]),
    ...['--values', valuesFile],
    ...['--set', 'replicaCount=3', '--set-string', `image.tag=${version}`],
    ...['--wait', '--timeout', '180s'],
  ];
  await run(helm, args, { env: { ...process.env, KUBECONFIG: kubeconfig } });
}

const readSource = (path: string): Promise<string> => readFile(new URL(path, source), 'utf8');
const writeNew = (path: string, text: string, mode: number): Promise<void> =>
  writeFile(path, text, { flag: 'wx', mode });

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string', default: 'globex' },
      kubeconfig: { type: 'string', default: process.env['KUBECONFIG'] ?? '' },
      version: { type: 'string', default: '1.2.2' },
      helm: { type: 'string', default: 'helm' },
    },
  });
  const [folder] = positionals;
  if (folder === undefined || values.kubeconfig === '') {
    throw new Error('usage: node prepare-cluster.ts FOLDER --kubeconfig FILE [--name globex] …');
  }
  const { name, namespace, deployments } = await prepareOnCluster({ folder, ...values });
  console.log(`installed ${name} in namespace ${namespace}; upgrade it with:`);
  console.log(`BELAY_DEPLOYMENTS=${deployments} belay upgrade ${name} --to 1.3.0`);
}
