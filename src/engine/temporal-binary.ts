/**
 * The `temporal` program whose development server is the embedded engine's server.
 */
import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { failure } from '../domain/errors.ts';
import { run } from '../process/run.ts';

const VERSION_TIMEOUT_MS = 10_000;

/**
 * `$BELAY_TEMPORAL_BIN`, else `temporal` on PATH, else the newest one in belay's cache.
 * Throws `environment` with the one command that gets one.
 */
export async function findTemporalBinary(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const named = env['BELAY_TEMPORAL_BIN'];
  if (named) {
    if (isAbsolute(named) && (await isExecutable(named))) return named;
    throw failure(
      'environment',
      'temporal-missing',
      `BELAY_TEMPORAL_BIN is "${named}", which is not an absolute path of a program`,
      'Point it at the temporal program, or unset it',
    );
  }
  for (const candidate of [...onPath(env), ...(await cached(env))]) {
    if (await isExecutable(candidate)) return candidate;
  }
  throw failure(
    'environment',
    'temporal-missing',
    'The program `temporal`, whose server runs the upgrades, is neither on PATH nor in the cache of belay',
    'Install it with `npm run setup` in the checkout of belay, or set TEMPORAL_ADDRESS to a Temporal of your own',
  );
}

/** What the program says of its version, e.g. `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)`. */
export async function temporalVersion(binary: string): Promise<string> {
  const { stdout, exitCode, stderr } = await run([binary, '--version'], {
    env: {},
    timeoutMs: VERSION_TIMEOUT_MS,
  });
  if (exitCode === 0) return stdout.trim();
  throw failure(
    'environment',
    'temporal-broken',
    `${binary} --version ended with ${exitCode ?? 'a signal'}: ${stderr.trim().slice(0, 300)}`,
    'Install temporal again',
  );
}

function onPath(env: NodeJS.ProcessEnv): string[] {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, 'temporal'));
}

async function cached(env: NodeJS.ProcessEnv): Promise<string[]> {
  const base = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  const cache = env['BELAY_CACHE'] || join(base, 'belay');
  const entries = await readdir(cache).catch(() => []);
  return entries
    .filter((entry) => entry.startsWith('temporal-') && !entry.startsWith('temporal-test'))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((entry) => join(cache, entry, 'bin', 'temporal'));
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
