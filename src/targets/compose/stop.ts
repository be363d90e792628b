/**
 * Stops a project's components for a restore, and starts what was stopped.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ActContext } from '../../domain/act.ts';
import { failure } from '../../domain/errors.ts';
import { listContainers } from './containers.ts';
import { engineFailure, statusOf, type Engine } from './engine.ts';
import type { Scope } from './scope.ts';
import { writeWhole } from './write-file.ts';

const stoppedSchema = z.array(z.object({ id: z.string(), name: z.string() }));
type Stopped = z.infer<typeof stoppedSchema>;

/** See `Target.stop`. What runs is noted before anything is stopped: a kill in between loses nothing. */
export async function stop(scope: Scope, runId: string, context: ActContext): Promise<void> {
  await scope.claims.check(runId);
  const engine = await scope.engine();
  const containers = await listContainers(engine, await scope.projectName());
  const running = containers.filter(
    ({ service, state }) => service in scope.components && state === 'running',
  );
  const noted = await readStopped(scope);
  const all = [...noted, ...running.filter(({ id }) => !noted.some((each) => each.id === id))];
  await mkdir(scope.stateDirectory, { recursive: true, mode: 0o700 });
  await writeWhole(
    stoppedPath(scope),
    JSON.stringify(all.map(({ id, name }) => ({ id, name }))),
    0o600,
  );
  for (const { id, name } of running) {
    context.signal.throwIfAborted();
    context.progress({ step: 'stop', detail: name });
    await unless304(engine, engine.patient.getContainer(id).stop());
  }
}

/** See `Target.start`. */
export async function start(scope: Scope, runId: string, context: ActContext): Promise<void> {
  await scope.claims.check(runId);
  const engine = await scope.engine();
  for (const { id, name } of await readStopped(scope)) {
    context.signal.throwIfAborted();
    context.progress({ step: 'start', detail: name });
    await unless304(engine, engine.patient.getContainer(id).start());
  }
  await rm(stoppedPath(scope), { force: true });
}

function stoppedPath({ stateDirectory }: Scope): string {
  return join(stateDirectory, 'stopped.json');
}

async function readStopped(scope: Scope): Promise<Stopped> {
  const path = stoppedPath(scope);
  try {
    return stoppedSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw failure(
      'unknown',
      'stopped-unreadable',
      `${path}, which says what was stopped, can't be read: ${error instanceof Error ? error.message : String(error)}`,
      'Start the containers by hand, remove the file, then retry',
    );
  }
}

/** 304: it is so already. */
async function unless304(engine: Engine, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (statusOf(error) !== 304) throw engineFailure(error, engine.endpoint);
  }
}
