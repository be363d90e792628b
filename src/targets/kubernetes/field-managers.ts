/**
 * Who manages the image of a container now, by the API server's own bookkeeping. Pure.
 */
import type { V1ObjectMeta } from '@kubernetes/client-node';

/** Managers of the container's image but belay, each once. */
export function imageManagers({ managedFields = [] }: V1ObjectMeta, container: string): string[] {
  const names = managedFields
    .filter(({ fieldsV1 }) => has(fieldsV1, pathOf('containers', container)))
    .map(({ manager = 'unknown' }) => manager)
    .filter((manager) => manager !== FIELD_MANAGER);
  return [...new Set(names)];
}

/** Where a container stands in its pod's specification. */
export type ContainerList = 'containers' | 'initContainers';

/** Whether belay has applied the container's image before. */
export function isApplied(
  { managedFields = [] }: V1ObjectMeta,
  list: ContainerList,
  container: string,
): boolean {
  return managedFields.some(
    ({ manager, operation, fieldsV1 }) =>
      manager === FIELD_MANAGER && operation === 'Apply' && has(fieldsV1, pathOf(list, container)),
  );
}

function pathOf(list: ContainerList, container: string): string[] {
  const name = `k:{"name":"${container}"}`;
  return ['f:spec', 'f:template', 'f:spec', `f:${list}`, name, 'f:image'];
}

/** Belay's own name there. */
export const FIELD_MANAGER = 'belay';

function has(fields: unknown, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true;
  if (typeof fields !== 'object' || fields === null || !(first in fields)) return false;
  return has((fields as Readonly<Record<string, unknown>>)[first], rest);
}
