/** A real Compose project with the tiny server, for the contract suite. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ComposeSettings } from '../../src/domain/deployment.ts';
import { createComposeTarget } from '../../src/targets/compose/index.ts';
import { docker, dockerIfPossible } from './docker.ts';
import type { Deployed } from './arrange.ts';

/** Repository of the tiny images. */
export const REPOSITORY = '127.0.0.1:5000/belay-contract/web';

/** A deployed project with its paths. */
export interface ComposeDeployed extends Deployed {
  readonly directory: string;
  readonly composeFile: string;
  readonly settings: ComposeSettings;
  /** Names of all containers of the project, with state. */
  readonly containers: () => Promise<readonly string[]>;
}

/** How a project declares its image. */
export interface ProjectOptions {
  readonly style: 'literal' | 'env';
  /** Seconds for which the old container ignores the request to stop: room to kill Compose in. */
  readonly stopsInSeconds?: number;
  /** The engine, when it is not the default one. It may have no networks. */
  readonly host?: string;
  /** A port of loopback that it is published on. */
  readonly port?: number;
}

const SECRET = 'correct-horse-battery';

function composeText({ style, stopsInSeconds, host, port }: ProjectOptions): string {
  const image = style === 'env' ? `${REPOSITORY}:\${WEB_TAG}` : `'${REPOSITORY}:1'`;
  const stop =
    stopsInSeconds === undefined ? 'stop_signal: SIGKILL' : `stop_grace_period: ${stopsInSeconds}s`;
  return `# ${REPOSITORY}:1 is a decoy\r
services:
  web:
    image: ${image} # the version
    command: sh -c 'echo logged:$$WEB_PASSWORD; exec httpd -f -p 8080 -h /www'
    restart: unless-stopped
    ${stop}${host === undefined ? '' : '\n    network_mode: none'}${port === undefined ? '' : `\n    ports: ['127.0.0.1:${port}:8080']`}
    environment:
      WEB_PASSWORD: \${WEB_PASSWORD:?}
`;
}

/** Makes and starts a project. */
export async function deployCompose(options: ProjectOptions): Promise<ComposeDeployed> {
  const directory = await mkdtemp(join(tmpdir(), 'belay-contract-'));
  const name = `belay-contract-${randomBytes(4).toString('hex')}`;
  const composeFile = join(directory, 'docker-compose.yml');
  await writeFile(composeFile, composeText(options));
  const env = `${options.style === 'env' ? "export WEB_TAG='1' # now\n" : ''}WEB_PASSWORD=${SECRET}\n`;
  await writeFile(join(directory, '.env'), env, { mode: 0o600 });
  const settings: ComposeSettings = {
    kind: 'compose',
    directory,
    files: ['docker-compose.yml'],
    envFiles: [],
    profiles: [],
    project: name,
    ...(options.host === undefined ? {} : { dockerHost: options.host }),
  };
  const on = options.host === undefined ? [] : ['--host', options.host];
  const compose = [...on, 'compose', '--project-directory', directory, '--project-name', name];
  await docker([...compose, 'up', '--detach']);
  const target = () =>
    createComposeTarget(settings, { web: { image: REPOSITORY, tag: '{version}' } });
  return {
    directory,
    composeFile,
    settings,
    target,
    component: 'web',
    from: `${REPOSITORY}:1`,
    to: `${REPOSITORY}:2`,
    missing: `${REPOSITORY}:none`,
    secret: SECRET,
    printing: ['sh', '-c', 'echo $WORD out; exit 3'],
    endless: ['sleep', '34567'],
    serving: async () => {
      const version = await docker([...compose, 'exec', '-T', 'web', 'cat', '/www/version']);
      return version.toString();
    },
    files: () => readFiles(directory),
    isEndlessRunning: async () => isProcessRunning('sleep\x0034567\0'),
    forgetImage: async (reference) => {
      const id = (
        await docker([...on, 'image', 'inspect', '--format', '{{.Id}}', reference])
      ).toString();
      await docker([...on, 'image', 'rm', '--force', id.trim()]);
    },
    containers: async () => {
      const filter = `label=com.docker.compose.project=${name}`;
      const format = '{{.Names}} {{.State}}';
      const out = await docker([...on, 'ps', '--all', '--filter', filter, '--format', format]);
      return out
        .toString()
        .trim()
        .split('\n')
        .map((line) => line.replaceAll(name, 'PROJECT'));
    },
    dispose: async () => {
      await dockerIfPossible(...compose, 'down', '--volumes', '--timeout', '0');
      const kept = await docker([
        ...on,
        'image',
        'ls',
        '--format',
        '{{.Repository}}:{{.Tag}}',
        `belay-keep/${name}-*`,
      ]).catch(() => '');
      for (const tag of kept.toString().split('\n').filter(Boolean))
        await dockerIfPossible(...on, 'image', 'rm', tag);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function readFiles(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(directory, { withFileTypes: true }))
    .filter((entry) => entry.name !== '.belay')
    .map(({ name }) => join(directory, name));
  const texts = await Promise.all(names.map((path) => readFile(path, 'utf8')));
  return Object.fromEntries(names.map((path, i) => [basename(path), texts[i] ?? '']));
}

async function isProcessRunning(commandLine: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.includes(commandLine);
}
