/**
 * Who manages the image of a container now, by the API server's own bookkeeping. Pure.
 */
import type { V1ObjectMeta } from '@kubernetes/client-node';

/** Managers of the container's image but belay, each once. */
export function imageManagers({ managedFields = [] }: V1ObjectMeta, container: string): string[] {
  const path = [
    'f:spec',
    'f:template',
    'f:spec',
    'f:containers',
    `k:{"name":"${container}"}`,
    'f:image',
  ];
  const names = managedFields
    .filter(({ fieldsV1 }) => has(fieldsV1, path))
    .map(({ manager = 'unknown' }) => manager)
    .filter((manager) => manager !== FIELD_MANAGER);
  return [...new Set(names)];
}

/** Belay's own name there. */
export const FIELD_MANAGER = 'belay';

function has(fields: unknown, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true;
  if (typeof fields !== 'object' || fields === null || !(first in fields)) return false;
  return has((fields as Readonly<Record<string, unknown>>)[first], rest);
}
