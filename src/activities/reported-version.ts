/** Reads the version that the running application reports of itself. */
import type { VersionSource } from '../domain/deployment.ts';
import { BelayError } from '../domain/errors.ts';
import type { Instance } from '../domain/target.ts';
import type { ActContext } from '../domain/act.ts';
import type { Target } from '../targets/target.ts';

const TIMEOUT_MS = 10_000;

/**
 * The version that every running instance reports, or why there is none. What an instance says of itself is read once
 * per start of it: `cache` keeps it under the instance's identity. An ordinary URL is asked every time.
 */
export async function reportedVersion(
  source: VersionSource,
  target: Target,
  instances: Readonly<Record<string, readonly Instance[]>>,
  context: ActContext,
  cache = new Map<string, string>(),
): Promise<Read> {
  if (source.how === 'http') {
    return isInside(source.url)
      ? readInside(source, target, instances, context, cache)
      : readHttp(source, target, {}, context);
  }
  const running = runningOf(instances[source.component] ?? []);
  if (running.length === 0) return { why: `no instance of ${source.component} is running` };
  const reads = await Promise.all(
    running.map((instance) =>
      cached(cache, instance, () =>
        source.how === 'label'
          ? Promise.resolve(readLabel(instance, source.label))
          : readByCommand(source, target, instance, context),
      ),
    ),
  );
  return agreed(running, reads);
}

/** Behind such a URL lie several instances, of which one answers: each is asked itself. */
function isInside(url: string): boolean {
  return url.startsWith('service:');
}

type HttpSource = Extract<VersionSource, { how: 'http' }>;

async function readInside(
  source: HttpSource,
  target: Target,
  instances: Readonly<Record<string, readonly Instance[]>>,
  context: ActContext,
  cache: Map<string, string>,
): Promise<Read> {
  const running = runningOf(Object.values(instances).flat());
  const reads = await Promise.all(
    running.map((instance) =>
      cached(cache, instance, () =>
        readHttp(source, target, { instance: instance.id }, context).catch((error: unknown) => {
          // An instance of another component is not behind this URL.
          if (error instanceof BelayError && error.code === 'not-behind-service') return undefined;
          throw error;
        }),
      ),
    ),
  );
  const behind = running.filter((_, at) => reads[at] !== undefined);
  if (behind.length === 0) return { why: `no running instance is behind ${source.url}` };
  return agreed(
    behind,
    reads.filter((read) => read !== undefined),
  );
}

function runningOf(instances: readonly Instance[]): Instance[] {
  return instances.filter(({ state }) => state === 'running');
}

async function cached<T extends Read | undefined>(
  cache: Map<string, string>,
  { id, startedAt }: Instance,
  ask: () => Promise<T>,
): Promise<T | Read> {
  const key = `${id} ${startedAt ?? ''}`;
  const known = cache.get(key);
  if (known !== undefined) return { version: known };
  const read = await ask();
  if (read !== undefined && 'version' in read) cache.set(key, read.version);
  return read;
}

/** One version, reported by all; or the first reason why not. */
function agreed(running: readonly Instance[], reads: readonly Read[]): Read {
  const failed = reads.find((read) => 'why' in read);
  if (failed) return failed;
  const said = reads.map((read) => ('version' in read ? read.version : ''));
  const [first = ''] = said;
  if (said.every((version) => version === first)) return { version: first };
  const each = running.map(({ name }, at) => `${name} ${said[at] ?? ''}`).join(', ');
  return { why: `the instances report different versions: ${each}` };
}

type Read = { readonly version: string } | { readonly why: string };

function readLabel(instance: Instance, label: string): Read {
  const version = instance.labels?.[label];
  return version === undefined ? { why: `has no label ${label}` } : { version };
}

async function readByCommand(
  source: Extract<VersionSource, { how: 'file' | 'command' }>,
  target: Target,
  instance: Instance,
  context: ActContext,
): Promise<Read> {
  const argv = source.how === 'file' ? ['cat', source.path] : source.argv;
  const output = await target.run(
    source.component,
    argv,
    'inside',
    { timeoutMs: TIMEOUT_MS, instance: instance.id },
    context,
  );
  const version = output.stdout.trim();
  if (output.exitCode === 0 && version !== '') return { version };
  const tail = (output.stderr || output.stdout).trim().slice(-200);
  return { why: `${argv.join(' ')} exited ${output.exitCode}${tail ? `: ${tail}` : ''}` };
}

async function readHttp(
  { url, jsonPath }: HttpSource,
  target: Target,
  options: { readonly instance?: string },
  context: ActContext,
): Promise<Read> {
  const reached = await target.reach(url, options, context);
  try {
    const response = await fetch(reached.url, {
      redirect: 'manual',
      headers: { connection: 'close' },
      signal: AbortSignal.any([context.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    let value: unknown = await response.json();
    for (const key of jsonPath) value = (value as Record<string, unknown> | undefined)?.[key];
    return typeof value === 'string'
      ? { version: value }
      : { why: `${url} has no text at ${jsonPath.join('.')}` };
  } catch (error) {
    return { why: `${url}: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    await reached.close();
  }
}
