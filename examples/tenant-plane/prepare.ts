import { randomBytes } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDocument } from 'yaml';

/** What a copy of the example is called and where it listens. */
export interface PrepareOptions {
  /** The deployment's name, and the Compose project's. */
  readonly name: string;
  /** Port of the tenant plane on 127.0.0.1. */
  readonly port: number;
  /** Port of Postgres on 127.0.0.1. */
  readonly dbPort: number;
  /** The version that is deployed first; 1.2.2 when left out. */
  readonly version?: string;
  /** The tag literally in the Compose file (the default), or `${ATLAS_VERSION}` from `.env`. */
  readonly style?: 'literal' | 'env';
  /** The folder for the deployment file; `deployments` in the copy when left out. */
  readonly deployments?: string;
  /** Settings of the deployment file to change, by path: `{'health.timeout': '20s'}`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** More lines of `.env`, such as `{MIGRATE_ON_STARTUP: 'off'}`. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Where the parts of a copy are; every path is absolute. */
export interface PreparedExample {
  readonly name: string;
  readonly directory: string;
  readonly composeFile: string;
  readonly envFile: string;
  readonly deployments: string;
  readonly deploymentFile: string;
  readonly releases: string;
  readonly backups: string;
  readonly logs: string;
  readonly history: string;
  readonly previous: string;
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  readonly url: string;
  /** The database as seen from this machine, with its password: not for logs. */
  readonly databaseUrl: string;
  /** What `POST /api/db/migrate` asks for: not for logs. */
  readonly serviceSecret: string;
}

const source = new URL('./', import.meta.url);
const repository = '127.0.0.1:5000/atlasai/tenant-plane';

/**
 * Copies the example into a folder of its own, with its own name, ports and random secrets, so that
 * several can run beside each other. It starts nothing.
 *
 * @throws Error when the folder already holds a copy.
 */
export async function prepareExample(
  folder: string,
  options: PrepareOptions,
): Promise<PreparedExample> {
  const password = randomBytes(18).toString('hex');
  const example = placesOf(resolve(folder), options, password);
  const { directory, deployments, releases, backups, logs } = example;
  for (const path of [deployments, join(directory, 'data')]) await mkdir(path, { recursive: true });
  // Dumps and container logs hold the customer's data: the owner's only, like the secrets.
  for (const path of [backups, logs]) await mkdir(path, { recursive: true, mode: 0o700 });
  const compose = composeText(await readSource('docker-compose.yml'), options);
  await writeNew(example.composeFile, compose, 0o644);
  await writeNew(example.envFile, envText(example, options, password), 0o600);
  await cp(new URL('deployments/releases/', source), releases, { recursive: true });
  const deployment = deploymentText(await readSource('deployments/acme.yaml'), example, options);
  await writeNew(example.deploymentFile, deployment, 0o644);
  return example;
}

function placesOf(
  directory: string,
  { name, port, dbPort, deployments = join(directory, 'deployments') }: PrepareOptions,
  password: string,
): PreparedExample {
  return {
    name,
    directory,
    composeFile: join(directory, 'docker-compose.yml'),
    envFile: join(directory, '.env'),
    deployments: resolve(deployments),
    deploymentFile: join(resolve(deployments), `${name}.yaml`),
    releases: join(directory, 'releases'),
    backups: join(directory, 'backups'),
    logs: join(directory, 'logs'),
    history: join(directory, 'data/.atlas-upgrade-history'),
    previous: join(directory, 'data/.atlas-previous-version'),
    url: `http://127.0.0.1:${port}`,
    databaseUrl: `postgresql://atlas:${password}@127.0.0.1:${dbPort}/atlas`,
    serviceSecret: randomBytes(18).toString('hex'),
  };
}

/** The Compose file for a copy: its project name, and the version in the asked-for style. */
export function composeText(
  text: string,
  { name, version = '1.2.2', style = 'literal' }: PrepareOptions,
): string {
  const tag = style === 'env' ? '${ATLAS_VERSION}' : version;
  const named = replaceOnce(text, '\nname: tenant-plane\n', `\nname: ${name}\n`);
  return replaceOnce(named, `image: ${repository}:1.2.2`, `image: ${repository}:${tag}`);
}

function replaceOnce(text: string, from: string, to: string): string {
  const parts = text.split(from);
  if (parts.length !== 2) {
    throw new Error(`docker-compose.yml of the example: expected ${JSON.stringify(from)} once`);
  }
  return parts.join(to);
}

function envText(
  { serviceSecret }: PreparedExample,
  { port, dbPort, version = '1.2.2', style = 'literal', environment = {} }: PrepareOptions,
  password: string,
): string {
  const lines = [
    '# Made for this copy only.',
    ...(style === 'env' ? [`ATLAS_VERSION=${version}`] : []),
    `TENANT_PLANE_PORT=${port}`,
    `DB_PORT=${dbPort}`,
    `POSTGRES_PASSWORD=${password}`,
    `TENANT_PLANE_DATABASE_URL=postgresql://atlas:${password}@db:5432/atlas`,
    `INTERNAL_SERVICE_SECRET=${serviceSecret}`,
    ...Object.entries(environment).map(([key, value]) => `${key}=${value}`),
  ];
  return `${lines.join('\n')}\n`;
}

function deploymentText(
  text: string,
  { name, directory, releases, backups, logs, url }: PreparedExample,
  { settings = {} }: PrepareOptions,
): string {
  const document = parseDocument(text);
  const values = {
    name,
    tenant: name,
    'target.compose.directory': directory,
    releases,
    'backup.postgres.directory': backups,
    'health.url': `${url}/api/health`,
    logs,
    ...settings,
  };
  for (const [path, value] of Object.entries(values)) document.setIn(path.split('.'), value);
  return document.toString({ lineWidth: 100 });
}

async function readSource(path: string): Promise<string> {
  return readFile(new URL(path, source), 'utf8');
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  await writeFile(path, text, { flag: 'wx', mode });
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string', default: 'acme' },
      port: { type: 'string', default: '3000' },
      'db-port': { type: 'string', default: '5433' },
      version: { type: 'string', default: '1.2.2' },
      'tag-in-env': { type: 'boolean', default: false },
    },
  });
  const [folder] = positionals;
  if (folder === undefined) throw new Error('usage: node prepare.ts FOLDER [--name acme] …');
  const example = await prepareExample(folder, {
    name: values.name,
    port: Number(values.port),
    dbPort: Number(values['db-port']),
    version: values.version,
    style: values['tag-in-env'] ? 'env' : 'literal',
  });
  console.log(`prepared ${example.directory}; start it with:`);
  console.log(`docker compose --project-directory ${example.directory} up --detach`);
}
