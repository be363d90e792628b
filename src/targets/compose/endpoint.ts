/**
 * Where the Docker engine listens: found once, and given to the API client and to the CLI alike.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { failure } from '../../domain/errors.ts';
import { parseJson } from '../../domain/parse-json.ts';
import { dockerConfigFolder, type Environment } from '../../images/docker-config.ts';

/** The engine's address. */
export interface Endpoint {
  /** As the CLI takes it in `DOCKER_HOST`. */
  readonly host: string;
  /** The same as a path. */
  readonly socketPath: string;
  /** Where the address came from, for messages. */
  readonly origin: string;
}

const DEFAULT_HOST = 'unix:///var/run/docker.sock';
const configSchema = z.object({ currentContext: z.string().optional() });
const contextSchema = z.object({
  Endpoints: z.object({ docker: z.object({ Host: z.string().min(1) }) }),
});

/**
 * The deployment's own setting, else DOCKER_HOST, else the current context, else the default socket: Docker's own order.
 *
 * @throws BelayError fault `request`: an unreadable context, or an engine that is not on this machine.
 */
export async function findEndpoint(
  configured: string | undefined,
  env: Environment,
): Promise<Endpoint> {
  const { host, origin } = await findHost(configured, env);
  const socketPath = /^unix:\/\/(\/.+)$/.exec(host)?.[1];
  if (socketPath !== undefined) return { host, socketPath, origin };
  throw failure(
    'request',
    'engine-remote',
    `The Docker engine at ${withoutUser(host)} (${origin}) is not a socket of this machine: belay edits files and runs containers on one machine`,
    'Run a worker of belay on the machine of the engine, or name its socket as unix:///path',
  );
}

async function findHost(
  configured: string | undefined,
  env: Environment,
): Promise<{ host: string; origin: string }> {
  if (configured) return { host: configured, origin: 'the deployment file' };
  if (env.DOCKER_HOST) return { host: env.DOCKER_HOST, origin: 'DOCKER_HOST' };
  const folder = dockerConfigFolder(env);
  const context = env.DOCKER_CONTEXT || (await currentContext(join(folder, 'config.json')));
  if (!context || context === 'default') return { host: DEFAULT_HOST, origin: 'the default' };
  const id = createHash('sha256').update(context).digest('hex');
  const file = join(folder, 'contexts', 'meta', id, 'meta.json');
  const text = await readOptional(file);
  if (text === undefined) throw badContext(`Docker context "${context}" does not exist (${file})`);
  const parsed = contextSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw badContext(`Docker context "${context}" (${file}) names no Docker host`);
  return { host: parsed.data.Endpoints.docker.Host, origin: `Docker context "${context}"` };
}

async function currentContext(file: string): Promise<string | undefined> {
  const text = await readOptional(file);
  if (text === undefined) return undefined;
  const parsed = configSchema.safeParse(parseJson(text));
  if (!parsed.success) throw badContext(`${file} is not a Docker settings file`);
  return parsed.data.currentContext;
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw badContext(`${file} can't be read: ${error instanceof Error ? error.message : '?'}`);
  }
}

function badContext(message: string) {
  return failure(
    'request',
    'docker-context',
    message,
    'Choose a context with `docker context use`, or set dockerHost in the deployment file',
  );
}

/** An address may carry a user and a password. */
function withoutUser(host: string): string {
  return host.replace(/\/\/[^@/]*@/, '//');
}
