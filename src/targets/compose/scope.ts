/**
 * What every operation on one Compose deployment works with.
 */
import { join } from 'node:path';
import type { ComponentSettings, ComposeSettings } from '../../domain/deployment.ts';
import { failure } from '../../domain/errors.ts';
import { openClaims, type Claims } from './claim.ts';
import { isPluginMissing, pluginMissing, runCli, scrubbedEnvironment } from './cli.ts';
import { createResolver, type Resolver } from './config.ts';
import { type Environment } from '../../images/docker-config.ts';
import { findEndpoint } from './endpoint.ts';
import { openEngine, type Engine } from './engine.ts';
import { loadProject, type Project } from './project.ts';

/** component (the Compose service's name) → what it is. */
export type Components = Readonly<Record<string, ComponentSettings>>;

/** What the target is made from besides the deployment. */
export interface ComposeDeps {
  /** Where the claim and logs of programs lie; `.belay` in the project's directory when left out. */
  readonly stateDirectory?: string;
  /** The worker's environment; `process.env` when left out. */
  readonly environment?: Environment;
}

/** One deployment's surroundings. Nothing is looked up before it is needed; failures are not remembered. */
export interface Scope {
  readonly settings: ComposeSettings;
  readonly components: Components;
  readonly stateDirectory: string;
  readonly claims: Claims;
  readonly resolver: Resolver;
  readonly environment: Environment;
  engine(): Promise<Engine>;
  /** The environment of the CLI. */
  cliEnvironment(): Promise<Record<string, string>>;
  /** The files as they are now. */
  project(): Promise<Project>;
  /** Compose's project name; asked once. */
  projectName(): Promise<string>;
  /** Version of Compose; asked once. Throws `request` when there is none or it is too old. */
  composeVersion(): Promise<string>;
}

/** Makes the scope; does nothing yet. */
export function createScope(
  settings: ComposeSettings,
  components: Components,
  deps: ComposeDeps,
): Scope {
  const environment = deps.environment ?? process.env;
  const stateDirectory = deps.stateDirectory ?? join(settings.directory, '.belay');
  const endpoint = once(() => findEndpoint(settings.dockerHost, environment));
  const cliEnvironment = async () => scrubbedEnvironment(environment, await endpoint());
  const resolver = createResolver(cliEnvironment);
  const project = () => loadProject(settings);
  return {
    settings,
    components,
    stateDirectory,
    claims: openClaims(stateDirectory),
    resolver,
    environment,
    engine: once(async () => openEngine(await endpoint())),
    cliEnvironment,
    project,
    projectName: once(
      async () => settings.project ?? (await resolver.resolve(await project())).name,
    ),
    composeVersion: once(async () => askVersion(await cliEnvironment())),
  };
}

/** Remembers what succeeded; tries again after a failure. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return () => {
    if (known) return known;
    const fresh = work();
    known = fresh;
    fresh.catch(() => {
      known = undefined;
    });
    return fresh;
  };
}

/** The first with several `--env-file`s. */
const OLDEST = { major: 2, minor: 17 };

async function askVersion(env: Record<string, string>): Promise<string> {
  const argv = ['docker', 'compose', 'version', '--short'];
  const { exitCode, stdout, stderr } = await runCli(argv, { env, timeoutMs: 30_000 });
  if (exitCode !== 0 && isPluginMissing(stderr)) throw pluginMissing();
  const version = stdout.trim().replace(/^v/, '');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (exitCode !== 0 || Number.isNaN(major))
    throw failure(
      'environment',
      'compose-version',
      `\`docker compose version\` failed: ${stderr.trim()}`,
      'See whether the machine is overloaded; belay tries again',
    );
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return version;
  throw failure(
    'request',
    'compose-too-old',
    `Docker's Compose plugin is ${version}; belay needs ${OLDEST.major}.${OLDEST.minor} or newer`,
    'Update the Compose plugin',
  );
}
