/**
 * Restarts and exits of containers across samples, told apart from those that the container engine caused.
 */
import { describeState } from './judge-sample.ts';
import { neverReady } from './judge-starting.ts';
import type { Expectation, GateState, Sample, SeenContainer } from './judgement.ts';
import type { Instance } from './target.ts';

/** Restarts and exits this close to the engine's own start are its doing. */
const ENGINE_RESTART_MS = 10_000;

/** What the gate remembers after a sample, and what of it can't become healthy any more. */
export interface ContainersVerdict {
  readonly containers: GateState['containers'];
  readonly engineStartedAt?: string;
  readonly engineRestartedAtMs?: number;
  /** A container that looped, or ended and stays ended. */
  readonly hopeless?: string;
  /** One that was unhealthy between two looks which both found it healthy. */
  readonly flapped?: string;
}

/** Follows the containers of the pinned components to this sample; the state's clock is at the sample already. */
export function followContainers(
  state: GateState,
  sample: Sample,
  expected: Expectation,
  maxRestarts: number,
): ContainersVerdict {
  const engine = followEngine(state, sample);
  const containers: Record<string, SeenContainer> = {};
  let hopeless: string | undefined;
  let flapped: string | undefined;
  for (const component of Object.keys(expected.pins)) {
    for (const instance of sample.instances?.[component] ?? []) {
      const before = state.containers[instance.id];
      const seen = followContainer(before, instance, engine.forgives, state.observedMs);
      containers[instance.id] = seen;
      flapped ??= whyFlapped(component, instance, before, seen);
      hopeless ??= whyHopeless(component, instance, before, seen, maxRestarts);
    }
  }
  return {
    ...engine.state,
    containers,
    ...(hopeless !== undefined && { hopeless }),
    ...(flapped !== undefined && { flapped }),
  };
}

/** Notices an engine that started anew since the last sample. */
function followEngine(state: GateState, sample: Sample) {
  const startedAt = sample.engineStartedAt ?? state.engineStartedAt;
  const anew =
    state.engineStartedAt !== undefined &&
    startedAt !== undefined &&
    startedAt !== state.engineStartedAt;
  // Not the engine's own time: the engine's and the worker's clocks may differ, and it may be noticed late.
  const restartedAtMs = anew ? sample.atMs : state.engineRestartedAtMs;
  return {
    forgives: restartedAtMs !== undefined && sample.atMs - restartedAtMs <= ENGINE_RESTART_MS,
    state: {
      ...(startedAt !== undefined && { engineStartedAt: startedAt }),
      ...(restartedAtMs !== undefined && { engineRestartedAtMs: restartedAtMs }),
    },
  };
}

function followContainer(
  before: SeenContainer | undefined,
  instance: Instance,
  forgives: boolean,
  observedMs: number,
): SeenContainer {
  // A count that fell was reset by the engine; what it counts now happened since.
  const since = before === undefined ? 0 : instance.restarts - before.restarts;
  const added = since < 0 ? instance.restarts : since;
  const ended = instance.state === 'exited' || instance.state === 'dead';
  return {
    restarts: instance.restarts,
    blamed: (before?.blamed ?? 0) + (forgives ? 0 : added),
    ...(ended && !forgives && { endedRun: instance.startedAt ?? '' }),
    ...(instance.health === 'healthy' &&
      instance.healthSince !== undefined && { healthySince: instance.healthSince }),
    ...(neverReady(instance) && { startingSinceMs: before?.startingSinceMs ?? observedMs }),
  };
}

function whyHopeless(
  component: string,
  instance: Instance,
  before: SeenContainer | undefined,
  seen: SeenContainer,
  maxRestarts: number,
): string | undefined {
  if (seen.blamed > maxRestarts) {
    const exit =
      instance.exitCode === undefined ? '' : `, last with exit code ${instance.exitCode}`;
    const times = `${seen.blamed} ${seen.blamed === 1 ? 'time' : 'times'}`;
    return `${component} (${instance.name}) restarted ${times} (at most ${maxRestarts} allowed)${exit}`;
  }
  // Once may be a restart policy about to act; the same ended run seen twice stays ended.
  const stays = seen.endedRun !== undefined && before?.endedRun === seen.endedRun;
  return stays
    ? `${component} (${instance.name}) ${describeState(instance)} and stays so`
    : undefined;
}

function whyFlapped(
  component: string,
  { name }: Instance,
  before: SeenContainer | undefined,
  { healthySince }: SeenContainer,
): string | undefined {
  const was = before?.healthySince;
  return was === undefined || healthySince === undefined || was === healthySince
    ? undefined
    : `${component} (${name}) was not ready for a moment`;
}
