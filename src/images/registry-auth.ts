/**
 * Credentials for registries: those that `docker login` left in Docker's settings, and bearer tokens got with them.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../domain/parse-json.ts';
import { rememberSecret } from '../process/redact.ts';
import { dockerConfigFolder, type Environment } from './docker-config.ts';

/** A registry's login. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const settingsSchema = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});

/** What Docker's settings say of a registry. */
export interface Login {
  readonly credentials?: Credentials;
  /** The login lies in a credential helper, which belay does not ask. */
  readonly helper?: string;
}

/** The login for the registry `domain` (`docker.io` for Docker's own). Never throws: no login is a login too. */
export async function findLogin(domain: string, env: Environment): Promise<Login> {
  const text = await readFile(join(dockerConfigFolder(env), 'config.json'), 'utf8').catch(() => '');
  const parsed = settingsSchema.safeParse(parseJson(text));
  if (!parsed.success) return {};
  const { auths = {}, credHelpers = {}, credsStore } = parsed.data;
  const names = domain === 'docker.io' ? ['https://index.docker.io/v1/', domain] : [domain];
  const entry = Object.entries(auths).find(([key]) =>
    names.some(
      (name) => key === name || key.replace(/^https?:\/\//, '').replace(/\/.*$/, '') === name,
    ),
  );
  const credentials = entry?.[1].auth === undefined ? undefined : decodeAuth(entry[1].auth);
  if (credentials) return { credentials };
  const helper = credHelpers[domain] ?? (entry ? credsStore : undefined);
  return helper === undefined ? {} : { helper };
}

function decodeAuth(auth: string): Credentials | undefined {
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return undefined;
  rememberSecret(auth);
  return { username: text.slice(0, colon), password: rememberSecret(text.slice(colon + 1)) };
}

/** The value of an `Authorization` header with a name and password. */
export function basicAuth({ username, password }: Credentials): string {
  return rememberSecret(`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
}

/** A registry's demand for a token. */
export interface Challenge {
  readonly scheme: 'bearer' | 'basic';
  readonly parameters: Readonly<Record<string, string>>;
}

/** Parses `WWW-Authenticate`; undefined for other schemes. */
export function parseChallenge(header: string | null): Challenge | undefined {
  const match = /^(bearer|basic)\b(.*)$/i.exec(header?.trim() ?? '');
  if (!match) return undefined;
  const [, scheme = '', rest = ''] = match;
  const pairs = [...rest.matchAll(/([a-z_]+)="([^"]*)"/gi)];
  return {
    scheme: scheme.toLowerCase() === 'bearer' ? 'bearer' : 'basic',
    parameters: Object.fromEntries(
      pairs.map(([, key = '', value = '']) => [key.toLowerCase(), value]),
    ),
  };
}

/** The address at which a bearer token is got, or undefined when the challenge names no usable one. */
export function tokenUrl(
  challenge: Challenge,
  repository: string,
  actions: 'pull' | 'pull,push' = 'pull',
): URL | undefined {
  const { realm, service, scope } = challenge.parameters;
  if (!realm || !URL.canParse(realm)) return undefined;
  const url = new URL(realm);
  if (service) url.searchParams.set('service', service);
  url.searchParams.set('scope', scope ?? `repository:${repository}:${actions}`);
  return url;
}
