/**
 * The `docker compose` command line: argv as data, a scrubbed environment, and what its failures mean.
 */
import { failure, type BelayError } from '../../domain/errors.ts';
import { run, type Finished, type RunSettings } from '../../process/run.ts';
import { redact } from '../../process/redact.ts';
import type { Environment } from '../../images/docker-config.ts';
import type { Endpoint } from './endpoint.ts';

/** What every command on a project starts with. Paths are absolute. */
export interface CommandBase {
  readonly directory: string;
  readonly composeFiles: readonly string[];
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
  readonly name?: string;
}

/** `docker compose` up to the subcommand. Files are always named, so that belay and Compose mean the same. */
function composeArgv(base: CommandBase): readonly string[] {
  return [
    ...['docker', 'compose', '--project-directory', base.directory],
    ...base.composeFiles.flatMap((file) => ['--file', file]),
    ...base.envFiles.flatMap((file) => ['--env-file', file]),
    ...base.profiles.flatMap((profile) => ['--profile', profile]),
    ...(base.name === undefined ? [] : ['--project-name', base.name]),
  ];
}

/** Everything that Compose resolves, secrets included: never leaves this module. Every profile counts. */
export function configArgv(base: CommandBase): readonly string[] {
  return [...composeArgv({ ...base, profiles: ['*'] }), 'config', '--format', 'json'];
}

/** The hash per service that Compose writes on its containers; the resolved project comes by stdin. */
export function hashArgv(base: CommandBase): readonly string[] {
  const resolved = { ...base, composeFiles: ['-'], envFiles: [], profiles: ['*'] };
  return [...composeArgv(resolved), 'config', '--hash', '*'];
}

/** The variables that Compose interpolates with. */
export function environmentArgv(base: CommandBase): readonly string[] {
  return [...composeArgv(base), 'config', '--environment'];
}

/** Brings just these services up: nothing is built or pulled, what they depend on stays as it is. */
export function upArgv(
  base: CommandBase,
  services: readonly string[],
  { recreate = false }: { readonly recreate?: boolean } = {},
): readonly string[] {
  const flags = ['--detach', '--no-deps', '--no-build', '--pull', 'never'];
  const forced = recreate ? ['--force-recreate'] : [];
  return [...composeArgv(base), 'up', ...flags, ...forced, ...services];
}

/** A list of the project's containers for people. */
export function psArgv(base: CommandBase): readonly string[] {
  return [...composeArgv(base), 'ps', '--all'];
}

/** The label of one-off containers, so that what a killed worker left can be found. */
export const ONE_OFF_LABEL = 'belay.one-off';

/** A one-off container of the service, removed when it ends; variables go by name only. */
export function oneOffArgv(
  base: CommandBase,
  service: string,
  name: string,
  variables: readonly string[],
  argv: readonly string[],
): readonly string[] {
  const flags = ['--rm', '--no-deps', '-T', '--name', name, '--label', `${ONE_OFF_LABEL}=${name}`];
  const env = variables.flatMap((variable) => ['--env', variable]);
  return [...composeArgv(base), 'run', ...flags, ...env, service, ...argv];
}

/** A command inside a running container; variables go by name only. */
export function execArgv(
  container: string,
  variables: readonly string[],
  argv: readonly string[],
  hasInput: boolean,
): readonly string[] {
  const env = variables.flatMap((variable) => ['--env', variable]);
  return ['docker', 'exec', ...(hasInput ? ['--interactive'] : []), ...env, container, ...argv];
}

const PASSED = ['PATH', 'HOME', 'DOCKER_CONFIG'];
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'XDG_RUNTIME_DIR'];

/**
 * The environment of the CLI. A shell variable would beat the project's `.env` and ship an image that nobody planned,
 * so only what the CLI itself needs is passed on.
 */
export function scrubbedEnvironment(env: Environment, endpoint: Endpoint): Record<string, string> {
  const names = [...PASSED, ...PROXIES, ...PROXIES.map((name) => name.toLowerCase())];
  const passed = names.flatMap((name): [string, string][] => {
    const value = env[name];
    return value === undefined ? [] : [[name, value]];
  });
  // A plan that changes one service must not remove another that its files happen not to list.
  const COMPOSE_REMOVE_ORPHANS = 'false';
  return { ...Object.fromEntries(passed), COMPOSE_REMOVE_ORPHANS, DOCKER_HOST: endpoint.host };
}

/** Runs the CLI; a missing program is a `request` error that names it. */
export async function runCli(argv: readonly string[], settings: RunSettings): Promise<Finished> {
  try {
    return await run(argv, settings);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw failure(
        'request',
        'docker-cli-missing',
        `The program docker is not on the worker's PATH (or the folder ${settings.cwd ?? ''} is gone)`,
        'Install the Docker CLI with its Compose plugin, or correct the PATH of the worker',
        error,
      );
    throw error;
  }
}

/** Whether the CLI says that the plugin is not there. */
export function isPluginMissing(stderr: string): boolean {
  return /unknown command: docker compose|'compose' is not a docker command|unknown (?:shorthand )?flag: (?:'p' in -p|--project)/i.test(
    stderr,
  );
}

/** No Compose plugin, or only the old `docker-compose`. */
export function pluginMissing(): BelayError {
  return failure(
    'request',
    'compose-missing',
    'Docker has no Compose plugin (`docker compose version` fails)',
    'Install Compose v2 (package docker-compose-plugin); the old `docker-compose` is not enough',
  );
}

/** Whether the text of a failed command says that the engine went away meanwhile. */
export function saysEngineGone(text: string): boolean {
  return /cannot connect to the docker daemon|error during connect|daemon is shutting down|docker daemon is not running|connection (?:refused|reset)|unexpected EOF|(?:^|[\s:])EOF\s*$|broken pipe|context canceled|docker\.sock: no such file|transport is closing|client connection is closing|code = Unavailable/im.test(
    text,
  );
}

/**
 * The same for a command whose output is mixed with another program's own: only the client's very words count, for a
 * program inside may have lost a connection of its own.
 */
export function clientSaysEngineGone(text: string): boolean {
  return /cannot connect to the docker daemon|error during connect|daemon is shutting down|docker daemon is not running|docker\.sock: no such file/i.test(
    text,
  );
}

/**
 * Whether the engine could not start a container because it lost count: a shutdown in the middle of a start leaves a
 * task or a container below it that it does not know of (moby/moby #38364 mends one kind of it, not all).
 */
export function saysEngineLostCount(text: string): boolean {
  return /\b(?:task|container) [0-9a-f]{64}"?: already exists|container with (?:given )?id(?: "?[0-9a-f]{64}"?)? (?:already )?exists/i.test(
    text,
  );
}

/** Whether a container could not start because something else on the machine listens on a port that it publishes. */
export function saysPortTaken(text: string): boolean {
  return /^.*(?:error response from daemon|ports are not available).*(?:port is already allocated|address already in use)/im.test(
    text,
  );
}

/** The last lines of a program's output, redacted. */
export function tailOf(text: string, lines = 20): string {
  return redact(text.trimEnd().split('\n').slice(-lines).join('\n'));
}

/** The same with its last line first, which says why Compose ended: of a failure, a list shows the first line. */
export function reasonFirst(tail: string): string {
  const before = tail.split('\n');
  const reason = before.pop() ?? '';
  return [reason, ...before].join('\n');
}
