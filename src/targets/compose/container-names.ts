/**
 * Names of containers. Compose renames in the middle of a swap, and a kill then leaves a name that nobody expects. Pure.
 */
import type { ResolvedService } from './config.ts';
import type { ServiceContainer } from './containers.ts';

/** The name that Compose gives a container in the end. */
export function canonicalName(
  project: string,
  service: ResolvedService | undefined,
  container: Pick<ServiceContainer, 'service' | 'number'>,
): string {
  return service?.container_name ?? `${project}-${container.service}-${container.number}`;
}

/** What a killed swap left of one container, and what mends it. */
export type Mending =
  | { readonly remove: ServiceContainer }
  | { readonly rename: ServiceContainer; readonly to: string };

/** Compose's name for a container that is to replace `<id>`. */
const REPLACEMENT = /^[0-9a-f]{12}_(.+)$/;

/**
 * Decides for each container with a replacement's name: when the one that it was to replace is still there, under the
 * proper name, the replacement goes (it never served, and the next `up` makes a new one); else it takes the name.
 */
export function findMendings(
  project: string,
  service: ResolvedService | undefined,
  containers: readonly ServiceContainer[],
): readonly Mending[] {
  const taken = new Set(containers.map(({ name }) => name));
  return containers.flatMap((container): Mending[] => {
    const to = canonicalName(project, service, container);
    if (container.name === to || REPLACEMENT.exec(container.name)?.[1] !== to) return [];
    if (taken.has(to)) return [{ remove: container }];
    taken.add(to);
    return [{ rename: container, to }];
  });
}
