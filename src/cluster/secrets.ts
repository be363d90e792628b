/**
 * Secrets that pods are given: read only to be known, so that no log or object that leaves here can carry them.
 */
import type { V1Container, V1Pod } from '@kubernetes/client-node';
import { rememberSecret } from '../process/redact.ts';
import { SECRET_NAME } from '../process/write-evidence.ts';
import type { Cluster } from './cluster.ts';

/** Shorter values would mask ordinary text. */
const LEAST_LENGTH = 8;

/**
 * Remembers the values of every Secret that the pods refer to, and of variables with a secret's name. Where Secrets may
 * not be read, what they hold stays unknown; answers their names.
 */
export async function rememberPodSecrets(
  { core, namespace }: Cluster,
  pods: readonly V1Pod[],
): Promise<readonly string[]> {
  const containers = pods.flatMap(({ spec }) => [
    ...(spec?.containers ?? []),
    ...(spec?.initContainers ?? []),
  ]);
  for (const { env = [] } of containers)
    for (const { name, value } of env)
      if (value !== undefined && SECRET_NAME.test(name)) remember(value);
  const names = new Set([...containers.flatMap(secretsOf), ...pods.flatMap(volumeSecretsOf)]);
  const unread: string[] = [];
  for (const name of names) {
    try {
      const { data = {} } = await core.readNamespacedSecret({ name, namespace });
      for (const value of Object.values(data)) remember(Buffer.from(value, 'base64').toString());
    } catch {
      unread.push(name);
    }
  }
  return unread;
}

function remember(value: string): void {
  // A file of settings: each line may be quoted alone.
  for (const line of [value, ...value.split('\n')]) {
    const text = line.trim();
    if (text.length >= LEAST_LENGTH) rememberSecret(text);
  }
}

function secretsOf({ env = [], envFrom = [] }: V1Container): string[] {
  return [
    ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
    ...envFrom.map(({ secretRef }) => secretRef?.name),
  ].filter((name) => name !== undefined);
}

function volumeSecretsOf({ spec }: V1Pod): string[] {
  return (spec?.volumes ?? [])
    .map(({ secret }) => secret?.secretName)
    .filter((name) => name !== undefined);
}

/** A copy without the values of variables and without the bookkeeping of field managers. */
export function maskObject(object: unknown): unknown {
  return JSON.parse(
    JSON.stringify(object, (key, value: unknown) => {
      if (key === 'managedFields' || key === 'kubectl.kubernetes.io/last-applied-configuration')
        return undefined;
      if (key === 'env' && Array.isArray(value)) return value.map(maskVariable);
      return value;
    }),
  ) as unknown;
}

function maskVariable(variable: unknown): unknown {
  if (typeof variable !== 'object' || variable === null || !('value' in variable)) return variable;
  return { ...variable, value: '***' };
}
