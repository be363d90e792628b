/**
 * Containers that the engine itself stopped. After a crash of dockerd 20.10 they stay stopped whatever their restart
 * policy says, and `restart: "no"` never comes back after a reboot: nobody but belay makes the swap whole again then.
 */
import type { Look, Pins } from './target.ts';

/** Name of a pinned container that is stopped, and last ran before the engine started; undefined when there is none. */
export function stoppedByEngine(look: Look, pins: Pins): string | undefined {
  const engineStartedMs = Date.parse(look.engineStartedAt ?? '');
  if (Number.isNaN(engineStartedMs)) return undefined;
  return Object.keys(pins)
    .flatMap((component) => look.instances[component] ?? [])
    .find(
      ({ state, startedAt }) =>
        (state === 'exited' || state === 'dead') &&
        startedAt !== undefined &&
        Date.parse(startedAt) < engineStartedMs,
    )?.name;
}
