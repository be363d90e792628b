/** Reads the version that the running application reports of itself. */
import type { VersionSource } from '../domain/deployment.ts';
import type { Instance } from '../domain/target.ts';
import type { ActContext, Target } from '../targets/target.ts';

const TIMEOUT_MS = 10_000;

/**
 * The reported version, or why it could not be read. A file, label or command is read once per start of its container:
 * `cache` keeps it under the container's identity.
 */
export async function reportedVersion(
  source: VersionSource,
  target: Target,
  instances: Readonly<Record<string, readonly Instance[]>>,
  context: ActContext,
  cache = new Map<string, string>(),
): Promise<{ readonly version: string } | { readonly why: string }> {
  if (source.how === 'http') return readHttp(source.url, source.jsonPath, context.signal);
  const running = instances[source.component]?.find(({ state }) => state === 'running');
  if (!running) return { why: `no container of ${source.component} is running` };
  const key = `${running.id} ${running.startedAt ?? ''}`;
  const known = cache.get(key);
  if (known !== undefined) return { version: known };
  const read =
    source.how === 'label'
      ? readLabel(running, source.label)
      : await readByCommand(source, target, context);
  if ('version' in read) cache.set(key, read.version);
  return read;
}

type Read = { readonly version: string } | { readonly why: string };

function readLabel(instance: Instance, label: string): Read {
  const version = instance.labels?.[label];
  return version === undefined ? { why: `has no label ${label}` } : { version };
}

async function readByCommand(
  source: Extract<VersionSource, { how: 'file' | 'command' }>,
  target: Target,
  context: ActContext,
): Promise<Read> {
  const argv = source.how === 'file' ? ['cat', source.path] : source.argv;
  const output = await target.run(
    source.component,
    argv,
    'inside',
    { timeoutMs: TIMEOUT_MS },
    context,
  );
  const version = output.stdout.trim();
  if (output.exitCode === 0 && version !== '') return { version };
  const tail = (output.stderr || output.stdout).trim().slice(-200);
  return { why: `${argv.join(' ')} exited ${output.exitCode}${tail ? `: ${tail}` : ''}` };
}

async function readHttp(
  url: string,
  jsonPath: readonly string[],
  signal: AbortSignal,
): Promise<Read> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { connection: 'close' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    let value: unknown = await response.json();
    for (const key of jsonPath) value = (value as Record<string, unknown> | undefined)?.[key];
    return typeof value === 'string'
      ? { version: value }
      : { why: `${url} has no text at ${jsonPath.join('.')}` };
  } catch (error) {
    return { why: `${url}: ${error instanceof Error ? error.message : String(error)}` };
  }
}
