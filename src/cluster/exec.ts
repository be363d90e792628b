/**
 * Commands inside a running container.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Exec, type V1Status } from '@kubernetes/client-node';
import type { ActContext, Output, RunOptions } from '../domain/act.ts';
import { failure } from '../domain/errors.ts';
import { redact } from '../process/redact.ts';
import type { Cluster } from './cluster.ts';
import { collector, fileSink, stdinOf } from './exec-streams.ts';
import { clusterFailure } from './failures.ts';

/** A container that runs. */
export interface Place {
  readonly pod: string;
  readonly container: string;
}

/** How long ending a command may take (ms). */
const END_MS = 5_000;
/** Marks the processes of one command, so that they can be found and ended. */
const MARK = 'BELAY_EXEC';

/**
 * Runs `argv` in the container. Values of `options.env` come in by stdin, never by the API's URL, which servers log.
 *
 * @throws BelayError `command-timeout` (environment); `cluster-unreachable` when the connection broke.
 */
export async function runInside(
  cluster: Cluster,
  place: Place,
  argv: readonly string[],
  options: RunOptions,
  context: ActContext,
): Promise<Output> {
  context.signal.throwIfAborted();
  const mark = randomUUID();
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([context.signal, timeout]);
  try {
    return await executeMarked(cluster, place, argv, mark, options, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    await endMarked(cluster, place, mark);
    context.signal.throwIfAborted();
    throw failure(
      'environment',
      'command-timeout',
      `${argv[0] ?? ''} in ${place.pod} did not end within ${options.timeoutMs / 1000} s`,
      'See what it waits for, or give it more time',
    );
  }
}

/** An image without `env` runs the command unmarked: then nobody can end it but itself. */
async function executeMarked(
  cluster: Cluster,
  place: Place,
  argv: readonly string[],
  mark: string,
  options: RunOptions,
  signal: AbortSignal,
): Promise<Output> {
  try {
    return await execute(cluster, place, argv, mark, options, signal);
  } catch (error) {
    const noEnv =
      error instanceof Error && /exec: "env": executable file not found/.test(error.message);
    if (!noEnv || options.env !== undefined) throw error;
    return execute(cluster, place, argv, undefined, options, signal);
  }
}

/**
 * The shell reads the variables from its stdin, a line for each name and each value, and then becomes the command: what
 * is left of stdin is the command's.
 */
const WITH_VARIABLES =
  'n=$1; shift; while [ "$n" -gt 0 ]; do IFS= read -r k; IFS= read -r v; export "$k=$v"; n=$((n-1)); done; exec "$@"';

function commandOf(
  argv: readonly string[],
  mark: string | undefined,
  names: readonly string[],
): readonly string[] {
  if (mark === undefined) return argv;
  if (names.length === 0) return ['env', `${MARK}=${mark}`, ...argv];
  const shell = ['sh', '-c', WITH_VARIABLES, 'belay', String(names.length)];
  return ['env', `${MARK}=${mark}`, ...shell, ...argv];
}

async function execute(
  cluster: Cluster,
  { pod, container }: Place,
  argv: readonly string[],
  mark: string | undefined,
  options: RunOptions,
  signal: AbortSignal,
): Promise<Output> {
  const variables = Object.entries(options.env ?? {});
  refuseLineEnds(variables);
  const command = commandOf(
    argv,
    mark,
    variables.map(([name]) => name),
  );
  const stdin = stdinOf(variables, options.stdinFile);
  const stdout = options.stdoutFile === undefined ? collector() : fileSink(options);
  const stderr = collector();
  const ended = Promise.withResolvers<V1Status>();
  ended.promise.catch(() => undefined);
  const connection = await new Exec(cluster.config)
    .exec(
      cluster.namespace,
      pod,
      container,
      [...command],
      stdout.stream,
      stderr.stream,
      stdin,
      false,
      (status) => ended.resolve(status),
    )
    .catch((error: unknown) => {
      throw connectFailure(error, pod);
    });
  stdout.throttles(connection);
  const broken = once(connection, 'close').then(() => undefined);
  const aborted = new Promise<never>((_, reject) => {
    const stop = () => reject(new Error('stopped', { cause: signal.reason }));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  aborted.catch(() => undefined);
  try {
    const status = await Promise.race([ended.promise, broken, aborted]);
    if (!status)
      throw failure(
        'environment',
        'cluster-unreachable',
        `The connection to ${pod} broke while ${argv[0] ?? ''} ran in it`,
        'Nothing: belay tries again',
      );
    await Promise.all([stdout.end(), stderr.end()]);
    return {
      exitCode: exitCodeOf(status),
      // Data, read by the caller; whoever puts it into a message redacts it there.
      stdout: stdout.text(),
      stderr: redact(stderr.text()),
    };
  } finally {
    connection.close();
    stdin?.destroy();
  }
}

function refuseLineEnds(variables: readonly (readonly [string, string])[]): void {
  const bad = variables.find(([, value]) => /[\r\n\0]/.test(value));
  if (!bad) return;
  throw failure(
    'request',
    'variable-line-end',
    `The variable ${bad[0]} has a line end in its value, which can’t be handed into a container`,
    'Use a value on one line',
  );
}

function exitCodeOf(status: V1Status): number {
  if (status.status === 'Success') return 0;
  const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  if (code !== undefined && /^\d+$/.test(code)) return Number(code);
  throw failure(
    'release',
    'not-running',
    `The command could not be started: ${redact(status.message ?? 'no reason was given')}`,
    'See whether the container runs, and has the program',
  );
}

/** The client's WebSocket tells a refusal only in words. */
function connectFailure(error: unknown, pod: string): Error {
  const said = error instanceof Error ? error.message : messageIn(error);
  const status = /Unexpected server response: (\d+)/.exec(said)?.[1];
  if (status === '403')
    return failure(
      'request',
      'permission-missing',
      `belay's account on the cluster may not run commands in ${pod} (pods/exec)`,
      'Grant what `belay rbac NAME` prints',
    );
  if (status === '404' || status === '400')
    return failure('release', 'not-running', `${pod} is not running any more`, 'See why it ended');
  if (status === '500')
    return failure(
      'release',
      'not-running',
      `A container of ${pod} takes no commands: it is not running`,
      'See why it ended',
    );
  return clusterFailure(error instanceof Error ? error : new Error(said), `connecting to ${pod}`);
}

function messageIn(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error)
    return String(error.message);
  return String(error);
}

/**
 * Ends what carries the mark: a command in a container outlives the connection that asked for it. A start that was
 * under way then may come a moment later, so it looks twice.
 */
async function endMarked(cluster: Cluster, place: Place, mark: string): Promise<void> {
  const script =
    'end() { for p in /proc/[0-9]*; do [ "$p" = "/proc/$$" ] && continue; if tr "\\0" "\\n" <"$p/environ" 2>/dev/null | grep -qx "$1"; then kill -9 "${p#/proc/}" 2>/dev/null; fi; done; }; end "$1"; sleep 1; end "$1"';
  const argv = ['sh', '-c', script, 'belay', `${MARK}=${mark}`];
  const sink = collector();
  const done = Promise.withResolvers<undefined>();
  const limit = setTimeout(() => done.resolve(undefined), END_MS);
  try {
    const connection = await new Exec(cluster.config).exec(
      cluster.namespace,
      place.pod,
      place.container,
      argv,
      sink.stream,
      sink.stream,
      null,
      false,
      () => done.resolve(undefined),
    );
    await done.promise;
    connection.close();
  } catch {
    // The container is gone, and with it the command.
  } finally {
    clearTimeout(limit);
  }
}
