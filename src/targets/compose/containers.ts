/**
 * Containers of a Compose project, found by Compose's labels and never by name alone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerInspectInfo } from 'dockerode';
import type { Instance } from '../../domain/target.ts';
import { saysEngineLostCount } from './cli.ts';
import { statusOf, type Engine } from './engine.ts';

/** A container of a service. */
export interface ServiceContainer extends Instance {
  readonly service: string;
  /** Compose's hash of the configuration it was created from. */
  readonly configHash: string | undefined;
  /** `com.docker.compose.container-number`. */
  readonly number: string;
  /** Version of the Compose that created it. */
  readonly composeVersion: string | undefined;
  /** It never ran, and the engine will never start it: only one that is made anew will run. */
  readonly unstartable: boolean;
}

const LABEL = 'com.docker.compose';

/** Every container of the project, stopped ones included, one-off containers left out. */
export async function listContainers(
  engine: Engine,
  project: string,
): Promise<readonly ServiceContainer[]> {
  const filters = { label: [`${LABEL}.project=${project}`, `${LABEL}.oneoff=False`] };
  const listed = await engine.ask((docker) =>
    docker.listContainers({ all: true, filters: JSON.stringify(filters) }),
  );
  const inspected = await Promise.all(
    listed.map(({ Id }) => engine.find((docker) => docker.getContainer(Id).inspect())),
  );
  return inspected.flatMap((info) => (info ? [toContainer(info)] : []));
}

const REMOVAL_MS = 10_000;

/** Removes a container, running or not; gone already, or on its way out, is fine. Returns when it is gone. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  await engine
    .find((docker) => docker.getContainer(id).remove({ force: true }))
    .catch((error: unknown) => {
      // 409: someone is removing it at this moment.
      if (!(error instanceof Error) || statusOf(error.cause) !== 409) throw error;
    });
  const deadline = Date.now() + REMOVAL_MS;
  while (
    Date.now() < deadline &&
    (await engine.find((docker) => docker.getContainer(id).inspect()))
  )
    await sleep(50);
}

/** By service, each sorted by name. */
export function byService(
  containers: readonly ServiceContainer[],
): Record<string, readonly ServiceContainer[]> {
  const groups = Map.groupBy(containers, ({ service }) => service);
  return Object.fromEntries(
    [...groups].map(([service, group]) => [
      service,
      group.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ]),
  );
}

/** What crosses the target's border: nothing of Compose's own. */
export function toInstance(container: ServiceContainer): Instance {
  const {
    service: _service,
    configHash: _hash,
    number: _number,
    composeVersion: _version,
    unstartable: _unstartable,
    labels = {},
    ...instance
  } = container;
  const own = Object.entries(labels).filter(([name]) => !name.startsWith(`${LABEL}.`));
  return { ...instance, labels: Object.fromEntries(own) };
}

const STATES = [
  'created',
  'running',
  'restarting',
  'paused',
  'exited',
  'dead',
  'removing',
] as const;

function toContainer(info: ContainerInspectInfo): ServiceContainer {
  const labels = info.Config.Labels;
  const state = STATES.find((known) => known === info.State.Status) ?? 'unknown';
  const startedAt = happened(info.State.StartedAt);
  const health = (['starting', 'healthy', 'unhealthy'] as const).find(
    (known) => known === info.State.Health?.Status,
  );
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    state,
    imageId: info.Image,
    reference: info.Config.Image,
    restarts: info.RestartCount,
    createdAt: info.Created,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(state === 'exited' || state === 'dead' ? { exitCode: info.State.ExitCode } : {}),
    ...(health === undefined ? {} : { health }),
    labels,
    service: labels[`${LABEL}.service`] ?? '',
    configHash: labels[`${LABEL}.config-hash`],
    number: labels[`${LABEL}.container-number`] ?? '1',
    composeVersion: labels[`${LABEL}.version`],
    // One that ran before may hold data of its own, which a new one would not have.
    unstartable: startedAt === undefined && saysEngineLostCount(info.State.Error),
  };
}

/** The engine writes year 1 for "never". */
function happened(time: string): string | undefined {
  return time === '' || time.startsWith('0001-') ? undefined : time;
}
