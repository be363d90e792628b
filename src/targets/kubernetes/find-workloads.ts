/**
 * The workloads of the deployment: named in its file, or found by their images.
 */
import { placeComponents, type DeclaredWorkload, type Placed } from '../../cluster/place-images.ts';
import {
  isWorkloadKind,
  listWorkloads,
  readWorkloads,
  showRef,
  type Workload,
  type WorkloadRef,
} from '../../cluster/workloads.ts';
import type { Scope } from './scope.ts';

/** Workloads as they are, and where the components are among them. */
export interface Found extends Placed {
  /** Only those that run a component. */
  readonly workloads: readonly Workload[];
}

/** Throws `request`: a workload that is not there, an image that nothing runs. */
export async function findWorkloads(scope: Scope): Promise<Found> {
  const cluster = scope.cluster();
  const named = namedRefs(scope);
  const all =
    named.length > 0
      ? await readWorkloads(cluster, named)
      : (
          await Promise.all([
            listWorkloads(cluster, 'Deployment'),
            listWorkloads(cluster, 'StatefulSet'),
            listWorkloads(cluster, 'DaemonSet'),
          ])
        ).flat();
  const placed = placeComponents(all.map(declaredOf), scope.components);
  const used = new Set(
    Object.values(placed.places).flatMap((each) => each.map(({ ref }) => showRef(ref))),
  );
  return { ...placed, workloads: all.filter(({ ref }) => used.has(showRef(ref))) };
}

/** All components' names together: each is found among them by its image. */
function namedRefs({ settings }: Scope): WorkloadRef[] {
  return Object.values(settings.workloads)
    .flat()
    .flatMap((text): WorkloadRef[] => {
      const [kind = '', name = ''] = text.split('/');
      return isWorkloadKind(kind) ? [{ kind, name }] : [];
    });
}

/** A workload with its containers' images. */
export function declaredOf({ ref, template }: Workload): DeclaredWorkload {
  const containers = template.spec?.containers ?? [];
  return {
    ref,
    images: Object.fromEntries(containers.map(({ name, image = '' }) => [name, image])),
  };
}
