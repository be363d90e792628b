/**
 * Runs a command beside a component: inside its container, or in a one-off container of its own.
 */
import { randomUUID } from 'node:crypto';
import { BelayError, failure } from '../../domain/errors.ts';
import type { Finished, RunSettings } from '../../process/run.ts';
import type { ActContext, Output, RunOptions } from '../../domain/act.ts';
import { endMarked, MARK } from '../../process/children.ts';
import { clientSaysEngineGone, execArgv, oneOffArgv, runCli, tailOf } from './cli.ts';
import { baseOf } from './config.ts';
import { byService, listContainers } from './containers.ts';
import type { Endpoint } from './endpoint.ts';
import { ENGINE_CODES, isListening } from './engine.ts';
import type { Project } from './project.ts';
import type { Scope } from './scope.ts';
import { removeOneOffs } from './settle.ts';
import { runRecorded } from './up.ts';

/** Mark of one command inside a container, which outlives its client. */
const EXEC_MARK = 'BELAY_EXEC';

/**
 * Runs `argv` in the first running container of the service.
 *
 * @throws BelayError `not-running` (release) when there is none; the engine's troubles as `environment`.
 */
export async function runInside(
  scope: Scope,
  service: string,
  argv: readonly string[],
  options: RunOptions,
  context: ActContext,
): Promise<Output> {
  const engine = await scope.engine();
  const containers = byService(await listContainers(engine, await scope.projectName()));
  const running = containers[service]?.find(
    ({ id, state }) =>
      state === 'running' && (options.instance === undefined || id === options.instance),
  );
  if (!running) throw notRunning(service, containers[service]?.map(({ state }) => state) ?? []);
  const mark = randomUUID();
  const variables = { ...options.env, [EXEC_MARK]: mark, [MARK]: scope.settings.directory };
  const command = execArgv(
    running.id,
    Object.keys(variables),
    argv,
    options.stdinFile !== undefined,
  );
  const finished = await runCli(command, {
    ...settingsOf(options, context),
    env: { ...(await scope.cliEnvironment()), ...variables },
  });
  if (finished.ended !== 'exited') await endMarked(EXEC_MARK, mark);
  return await output((await scope.engine()).endpoint, finished, options, context, argv);
}

/**
 * Runs `argv` in a new container of the service's declared image, with its configuration; removed afterwards.
 *
 * @throws BelayError `variable-collides` (request) when a variable would also change how the Compose file reads.
 */
export async function runOneOff(
  scope: Scope,
  service: string,
  argv: readonly string[],
  options: RunOptions,
  context: ActContext,
): Promise<Output> {
  const project = await scope.project();
  const variables = options.env ?? {};
  refuseCollisions(project, Object.keys(variables));
  await removeOneOffs(scope);
  const name = `belay-${randomUUID()}`;
  const command = oneOffArgv(baseOf(project), service, name, Object.keys(variables), argv);
  try {
    const finished = await runRecorded(scope, (onSpawn, env) =>
      runCli(command, {
        ...settingsOf(options, context),
        cwd: project.directory,
        env: { ...variables, ...env },
        onSpawn,
      }),
    );
    return await output((await scope.engine()).endpoint, finished, options, context, argv);
  } finally {
    await removeOneOffs(scope, name).catch(() => undefined);
  }
}

function settingsOf(options: RunOptions, { signal }: ActContext): Omit<RunSettings, 'env'> {
  const { timeoutMs, stdoutFile, stdinFile, onBytes } = options;
  return {
    timeoutMs,
    signal,
    // Data, read by the caller; whoever puts it into a message redacts it there.
    rawStdout: true,
    ...(stdoutFile === undefined ? {} : { stdoutFile }),
    ...(stdinFile === undefined ? {} : { stdinFile }),
    ...(onBytes ? { onBytes } : {}),
  };
}

async function output(
  endpoint: Endpoint,
  { exitCode, ended, stdout, stderr }: Finished,
  { timeoutMs }: RunOptions,
  { signal }: ActContext,
  argv: readonly string[],
): Promise<Output> {
  signal.throwIfAborted();
  const program = argv[0] ?? '';
  if (ended === 'timeout')
    throw new BelayError('environment', {
      code: 'command-timeout',
      message: `${program} did not end within ${timeoutMs / 1000} s and was ended: ${tailOf(stderr, 5)}`,
      remedy: 'See what it waits for; give it more time in the deployment file',
    });
  const wentAway =
    exitCode !== 0 && (clientSaysEngineGone(stderr) || !(await isListening(endpoint)));
  if (wentAway)
    throw failure(
      'environment',
      ENGINE_CODES.unreachable,
      `The Docker engine went away while ${program} ran: ${tailOf(stderr, 5)}`,
      'See the engine’s own log; belay tries again while its patience lasts',
    );
  if (exitCode === null)
    throw failure(
      'environment',
      'command-killed',
      `${program} was killed: ${tailOf(stderr, 5)}`,
      'Nothing: belay does it again',
    );
  return { exitCode, stdout, stderr };
}

function notRunning(service: string, states: readonly string[]): BelayError {
  const seen = states.length === 0 ? 'there is none' : `it is ${states.join(', ')}`;
  return failure(
    'release',
    'not-running',
    `No container of ${service} is running (${seen}), so nothing can be run inside it`,
    `See why: docker compose logs ${service}`,
  );
}

function refuseCollisions(project: Project, variables: readonly string[]): void {
  const texts = [...project.composeFiles, ...project.envFiles].map(({ text }) => text).join('\n');
  const used = variables.find((name) => new RegExp(`\\$\\{?${name}\\b`).test(texts));
  if (used === undefined) return;
  throw failure(
    'request',
    'variable-collides',
    `The command's variable ${used} is also interpolated in the Compose files, which would read differently with it`,
    'Give the variable of the command another name',
  );
}
