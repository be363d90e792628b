/**
 * The workloads of the deployment: named in its file, or found by their images.
 */
import { BelayError, type Refusal } from '../../domain/errors.ts';
import { isOfRepository } from '../../domain/image-tag.ts';
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
  // Only where every component says where it runs, strangers with the same image stay out of it.
  const isNamed = Object.keys(scope.components).every(
    (component) => (scope.settings.workloads[component] ?? []).length > 0,
  );
  const all = isNamed
    ? await readWorkloads(cluster, named)
    : (
        await Promise.all([
          listWorkloads(cluster, 'Deployment'),
          listWorkloads(cluster, 'StatefulSet'),
          listWorkloads(cluster, 'DaemonSet'),
        ])
      ).flat();
  requireNamed(scope, all);
  const placed = placeComponents(all.map(declaredOf), scope.components);
  const used = new Set(
    Object.values(placed.places).flatMap((each) => each.map(({ ref }) => showRef(ref))),
  );
  return { ...placed, workloads: all.filter(({ ref }) => used.has(showRef(ref))) };
}

/** A name that the deployment file has and that does not run the image is a mistake, and not to be passed over. */
function requireNamed({ settings, components }: Scope, all: readonly Workload[]): void {
  const refusals = Object.entries(settings.workloads).flatMap(([component, refs]) =>
    refs.flatMap((ref): Refusal[] => {
      const workload = all.find((each) => showRef(each.ref) === ref);
      const image = components[component];
      if (!image) return [];
      const images = workload ? Object.values(declaredOf(workload).images) : [];
      if (images.some((each) => isOfRepository(image, each))) return [];
      return [
        {
          code: workload ? 'component-missing' : 'workload-missing',
          message: workload
            ? `${ref} does not run ${image.image} (component ${component}); it runs ${images.join(', ')}`
            : `${ref} of component ${component} is not in namespace ${settings.cluster.namespace}`,
          remedy: 'Correct the component’s image or workloads in the deployment file',
        },
      ];
    }),
  );
  if (refusals.length > 0) throw new BelayError('request', refusals);
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

/** The same of its init containers, which are no component's own place: they have ended when it runs. */
export function initImagesOf({ template }: Workload): Readonly<Record<string, string>> {
  const containers = template.spec?.initContainers ?? [];
  return Object.fromEntries(containers.map(({ name, image = '' }) => [name, image]));
}

/** A workload with its containers' images. */
export function declaredOf({ ref, template }: Workload): DeclaredWorkload {
  const containers = template.spec?.containers ?? [];
  return {
    ref,
    images: Object.fromEntries(containers.map(({ name, image = '' }) => [name, image])),
  };
}
