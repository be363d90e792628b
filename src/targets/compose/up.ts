/**
 * `docker compose up` of the changed services, in its own process group, so that it survives a kill of the worker.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, type BelayError } from '../../domain/errors.ts';
import type { Finished } from '../../process/run.ts';
import type { RecordedChild } from '../../domain/target.ts';
import type { ActContext } from '../../domain/act.ts';
import { MARK } from '../../process/children.ts';
import { prepareFolder } from './claim-file.ts';
import {
  isPluginMissing,
  pluginMissing,
  reasonFirst,
  runCli,
  saysEngineGone,
  saysEngineLostCount,
  saysPortTaken,
  tailOf,
  upArgv,
} from './cli.ts';
import { baseOf } from './config.ts';
import { diskFull, ENGINE_CODES, isListening } from './engine.ts';
import { engineStartedAt } from './machine.ts';
import type { Project } from './project.ts';
import type { Scope } from './scope.ts';

/** A service may take minutes to stop in grace. */
const TIMEOUT_MS = 15 * 60_000;
const LOGS_KEPT = 10;

/**
 * Runs `up`. A container that starts and then exits is none of its business. With `recreate` also containers that are
 * as declared are made anew, with their volumes.
 *
 * @throws BelayError `up-failed` (release) with the log's tail when the engine is fine; else fault `environment`.
 */
export async function bringUp(
  scope: Scope,
  project: Project,
  { services, recreate }: { readonly services: readonly string[]; readonly recreate: boolean },
  runId: string,
  context: ActContext,
): Promise<void> {
  await prepareFolder(scope.stateDirectory);
  await dropOldLogs(scope.stateDirectory);
  context.progress({ step: 'swap', detail: `docker compose up ${services.join(' ')}` });
  const engineSince = await engineStartedAt((await scope.engine()).endpoint);
  const finished = await runRecorded(scope, (onSpawn, env) =>
    runCli(upArgv(baseOf(project), services, { recreate }), {
      cwd: project.directory,
      env: { ...env, BELAY_RUN: runId },
      timeoutMs: TIMEOUT_MS,
      signal: context.signal,
      logFile: join(scope.stateDirectory, `up-${runId.replaceAll(/[^\w-]/g, '_')}.log`),
      onSpawn,
    }),
  );
  context.signal.throwIfAborted();
  if (finished.exitCode !== 0) throw await upFailure(scope, services, finished, engineSince);
}

/** Runs a changing program so that a later attempt finds it: marked in its environment and noted in the claim. */
export async function runRecorded(
  scope: Scope,
  start: (
    onSpawn: (child: RecordedChild) => Promise<void>,
    env: Record<string, string>,
  ) => Promise<Finished>,
): Promise<Finished> {
  const env = { ...(await scope.cliEnvironment()), [MARK]: scope.settings.directory };
  let noted: RecordedChild | undefined;
  try {
    return await start(async (child) => {
      noted = child;
      await scope.claims.addChild(child);
    }, env);
  } finally {
    if (noted) await scope.claims.removeChild(noted);
  }
}

async function upFailure(
  scope: Scope,
  services: readonly string[],
  finished: Finished,
  engineSince: string | undefined,
): Promise<BelayError> {
  const { exitCode, signal, ended, stderr } = finished;
  const tail = reasonFirst(tailOf(stderr));
  if (isPluginMissing(stderr)) return pluginMissing();
  // 255: the plugin was killed under the CLI's hands; it then says nothing of an error.
  const wasKilled = signal !== null || exitCode === 130 || exitCode === 137 || exitCode === 143;
  if (wasKilled || (exitCode === 255 && !/error/i.test(stderr)))
    return failure(
      'environment',
      ended === 'timeout' ? 'up-timeout' : 'up-interrupted',
      `docker compose up ${services.join(' ')} was ${ended === 'timeout' ? `ended after ${TIMEOUT_MS / 60_000} minutes` : 'killed'}: ${tail}`,
      'Nothing: belay does it again',
    );
  if (/no space left on device/i.test(stderr)) return diskFull(tail);
  if (saysEngineGone(stderr) || !(await isEngineStill(scope, engineSince)))
    return failure(
      'environment',
      ENGINE_CODES.unreachable,
      `The Docker engine went away during docker compose up: ${tail}`,
      'See the engine’s own log; belay tries again while its patience lasts',
    );
  if (saysEngineLostCount(stderr))
    return failure(
      'environment',
      'engine-lost-count',
      `The Docker engine holds on to an earlier start of ${services.join(' ')}: ${tail}`,
      'Belay makes the container anew if it never ran; else restart the engine, or recreate the container by hand',
    );
  if (saysPortTaken(stderr))
    return failure(
      'environment',
      'port-taken',
      `A port that ${services.join(' ')} publishes is taken: ${tail}`,
      'See what listens there (`ss -ltnp`, `docker ps`) and end it; belay tries again while its patience lasts',
    );
  return failure(
    'release',
    'up-failed',
    `docker compose up ${services.join(' ')} exited ${exitCode ?? '?'}: ${tail}`,
    'See what Compose and the engine say; the image may not start at all',
  );
}

async function isEngineStill(scope: Scope, startedAt: string | undefined): Promise<boolean> {
  const { endpoint } = await scope.engine();
  return (await isListening(endpoint)) && (await engineStartedAt(endpoint)) === startedAt;
}

async function dropOldLogs(folder: string): Promise<void> {
  const logs = (await readdir(folder)).filter((name) => /^up-.*\.log$/.test(name)).sort();
  for (const name of logs.slice(0, -LOGS_KEPT)) await rm(join(folder, name), { force: true });
}
