/**
 * The workloads of the deployment: named in its file, or found by their images.
 */
import { BelayError, type Refusal } from '../../domain/errors.ts';
import { isOfRepository } from '../../domain/image-tag.ts';
import { refsOf, type ComponentWorkloads } from '../../cluster/look.ts';
import {
  placeByRepository,
  placeComponents,
  type DeclaredWorkload,
  type Placed,
} from '../../cluster/place-images.ts';
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
export interface Found {
  readonly places: ComponentWorkloads;
  /** Only those that run a component. */
  readonly workloads: readonly Workload[];
}

/**
 * For acts, and for looking at what they left: a component may have several references, for an act may have been
 * interrupted between two workloads. Throws `request`: a workload that is not there, an image that nothing runs.
 */
export async function findWorkloads(scope: Scope): Promise<Found> {
  const all = await readAll(scope);
  const places = placeByRepository(all.map(declaredOf), scope.components);
  return { places, workloads: among(all, places) };
}

/** For plans. Throws `request` where a component has several references too: there would be no one way back. */
export async function findUniform(scope: Scope): Promise<Found & Placed> {
  const all = await readAll(scope);
  const placed = placeComponents(all.map(declaredOf), scope.components);
  return { ...placed, workloads: among(all, placed.places) };
}

function among(all: readonly Workload[], places: ComponentWorkloads): Workload[] {
  const used = new Set(refsOf(places).map(showRef));
  return all.filter(({ ref }) => used.has(showRef(ref)));
}

async function readAll(scope: Scope): Promise<Workload[]> {
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
  return all;
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
