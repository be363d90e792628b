/**
 * Names of containers. Compose renames in the middle of a swap, and a kill then leaves a name that nobody expects. Pure.
 */
import type { ResolvedService } from './config.ts';
import type { ServiceContainer } from './containers.ts';

/** What a killed swap left of one container, and what mends it. */
export type Mending =
  | { readonly remove: ServiceContainer; readonly replaced: ServiceContainer }
  | { readonly rename: ServiceContainer; readonly to: string };

/** Compose's name for a container that is to replace the one behind the underscore, by that one's short ID. */
const REPLACEMENT = /^[0-9a-f]{12}_(.+)$/;

/** Whether a container still has the name of a replacement: Compose gives it the proper one at the end of a swap. */
export function isReplacementName(name: string, service: ResolvedService | undefined): boolean {
  return name !== service?.container_name && REPLACEMENT.test(name);
}

/**
 * Decides for each container with a replacement's name: when the one that it was to replace is still there, under the
 * proper name, the replacement goes (it never served, and the next `up` makes a new one); else it takes the name.
 */
export function findMendings(
  service: ResolvedService | undefined,
  containers: readonly ServiceContainer[],
): readonly Mending[] {
  const byName = new Map(containers.map((container) => [container.name, container]));
  return containers.flatMap((container): Mending[] => {
    if (!isReplacementName(container.name, service)) return [];
    const to = REPLACEMENT.exec(container.name)?.[1] ?? '';
    const replaced = byName.get(to);
    if (replaced) return [{ remove: container, replaced }];
    byName.set(to, container);
    return [{ rename: container, to }];
  });
}
