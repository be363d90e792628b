/**
 * A Temporal that someone configured: by TEMPORAL_* variables, or a profile of Temporal's own configuration file
 * (the one that `temporal env` and the SDKs read).
 */
import { loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import type { TemporalConnection, TlsSettings } from '../domain/connection.ts';
import { failure } from '../domain/errors.ts';
import { rememberSecret } from '../process/redact.ts';

/**
 * The configured Temporal, or undefined when no address is configured (then the embedded engine serves).
 * Throws `request` when the configuration can't be read or the named profile has no address.
 */
export function configuredTemporal(
  profile: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): TemporalConnection | undefined {
  const name = profile ?? (env['TEMPORAL_PROFILE'] || undefined);
  const loaded = load(name, env);
  const { connectionOptions, namespace } = loaded;
  if (!connectionOptions.address) {
    if (name === undefined) return undefined;
    throw failure(
      'request',
      'profile-without-address',
      `Temporal profile "${name}" has no address`,
      `Set one with: temporal config set --profile ${name} --prop address --value HOST:7233`,
    );
  }
  const { apiKey, tls, metadata } = connectionOptions;
  if (apiKey) rememberSecret(apiKey);
  return {
    address: connectionOptions.address,
    namespace: namespace ?? 'default',
    ...(apiKey && { apiKey }),
    ...(tls && { tls: typeof tls === 'object' ? withoutUndefined(tls) : tls }),
    ...(metadata && { metadata: textOnly(metadata) }),
  };
}

function load(profile: string | undefined, env: NodeJS.ProcessEnv) {
  const overrideEnvVars = textOnly(env);
  try {
    return toClientOptions(
      loadClientConfigProfile({ ...(profile && { profile }), overrideEnvVars }),
    );
  } catch (error) {
    const file = env['TEMPORAL_CONFIG_FILE'] ?? "Temporal's configuration file";
    throw failure(
      'request',
      'temporal-configuration',
      `The Temporal configuration can't be used (${file}, TEMPORAL_* variables): ${messageOf(error)}`,
      'Correct it, or unset it to use the engine that belay starts by itself',
      error,
    );
  }
}

function withoutUndefined(tls: TlsSettings | object): TlsSettings {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}

function textOnly(record: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
