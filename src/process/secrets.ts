/**
 * Secrets are references until the moment they are used at the site, and are remembered for redaction from then on.
 */
import { readFile } from 'node:fs/promises';
import type { SecretRef } from '../domain/deployment.ts';
import { failure, type BelayError } from '../domain/errors.ts';
import { rememberSecret } from './redact.ts';

/** Where a reference is looked up. */
export interface SecretLookups {
  /** The deployment's name, for errors. */
  readonly deployment: string;
  /** The worker's environment; it wins. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The target's own variables (a Compose project's `.env`), asked second. */
  readonly variable: (name: string) => Promise<string | undefined>;
}

/** A file that is larger is no secret but a mistake (bytes). */
const MAX_BYTES = 64 * 1024;

/**
 * Resolves a reference and remembers the value, so that no text which leaves this process can carry it. An empty value
 * counts as missing: `VAR=` in an environment file is how people say "not set".
 *
 * @throws BelayError fault `request`, `secret-missing` or `secret-unreadable`: names the reference and where it was
 * looked for, never a value.
 */
export async function resolveSecret(ref: SecretRef, lookups: SecretLookups): Promise<string> {
  const value =
    'env' in ref ? await fromVariables(ref.env, lookups) : await fromFile(ref.file, lookups);
  return rememberSecret(value);
}

async function fromVariables(name: string, lookups: SecretLookups): Promise<string> {
  const value = lookups.environment[name] || (await lookups.variable(name));
  if (value) return value;
  throw failure(
    'request',
    'secret-missing',
    `deployment ${lookups.deployment}: variable ${name} is not set (looked in the worker's environment, then in the project's environment files)`,
    `set ${name} in the project's .env or in the environment of the worker`,
  );
}

async function fromFile(file: string, lookups: SecretLookups): Promise<string> {
  let text: string;
  try {
    text = await readSmall(file);
  } catch (cause) {
    throw unreadable(file, lookups, cause instanceof Error ? cause.message : String(cause), cause);
  }
  const value = text.trim();
  if (value === '') throw unreadable(file, lookups, 'it is empty');
  return value;
}

async function readSmall(file: string): Promise<string> {
  const bytes = await readFile(file);
  if (bytes.length > MAX_BYTES) throw new Error(`it has ${bytes.length} bytes`);
  return bytes.toString('utf8');
}

function unreadable(
  file: string,
  lookups: SecretLookups,
  why: string,
  cause?: unknown,
): BelayError {
  return failure(
    'request',
    'secret-unreadable',
    `deployment ${lookups.deployment}: secret file ${file} can't be used: ${why}`,
    `write the secret into ${file} and let the worker's user read it`,
    cause,
  );
}
