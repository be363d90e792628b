/**
 * The writes that bring workloads to a goal.
 */
import type { V1PodTemplateSpec } from '@kubernetes/client-node';
import { failure } from '../../domain/errors.ts';
import type { Goal, Pins } from '../../domain/target.ts';
import type { ComponentWorkloads } from '../../cluster/look.ts';
import { isReference } from '../../cluster/place-images.ts';
import { showRef, type Workload, type WorkloadRef } from '../../cluster/workloads.ts';
import { declaredOf, initImagesOf, type Found } from './find-workloads.ts';
import type { Scope } from './scope.ts';
import { isSameTemplate, readTemplates } from './templates.ts';

/** One workload's change. */
export interface Write {
  readonly ref: WorkloadRef;
  /** As it was read. */
  readonly workload: Workload;
  /** container → image, init containers among them. */
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
  /** Set where a whole template is put back. */
  readonly template?: V1PodTemplateSpec;
}

/** What differs from the goal; empty: it is declared already. */
export async function plannedWrites(
  scope: Scope,
  { workloads, places }: Found,
  { pins, point }: Goal,
): Promise<Write[]> {
  const writes: Write[] = [];
  for (const workload of workloads) {
    const { ref } = workload;
    const before = { ...initImagesOf(workload), ...declaredOf(workload).images };
    const wanted = wantedImages(workload, places, pins);
    const differs = Object.entries(wanted).some(
      ([name, reference]) => !isReference(before[name], reference),
    );
    const revision = point?.objects?.[showRef(ref)];
    const old =
      revision === undefined
        ? undefined
        : (await readTemplates(scope.cluster(), workload)).find(
            (each) => each.revision === revision,
          );
    const after = { ...before, ...wanted };
    if (old && !isSameTemplate(old.template, workload.template)) {
      refuseOther(ref, revision ?? 0, old.template, wanted);
      writes.push({ ref, workload, before, after, template: old.template });
    } else if (differs) writes.push({ ref, workload, before, after });
  }
  return writes;
}

/** container → the image that the pins want in it. */
function wantedImages(workload: Workload, places: ComponentWorkloads, pins: Pins) {
  const init = initImagesOf(workload);
  const { images } = declaredOf(workload);
  return Object.fromEntries(
    Object.entries(places).flatMap(([component, each]) => {
      const pin = pins[component];
      const own = each.find(({ ref }) => showRef(ref) === showRef(workload.ref));
      if (!pin || !own) return [];
      const declared = own.containers.map((name) => images[name]);
      // An init container goes along where it has what the component declares here; another tag is there on purpose.
      const along = Object.keys(init).filter((name) => declared.includes(init[name]));
      return [...own.containers, ...along].map((name) => [name, pin.reference] as const);
    }),
  );
}

/** The revision must have the pins' images: a tag that belay did not plan must not come in by it. */
function refuseOther(
  ref: WorkloadRef,
  revision: number,
  template: V1PodTemplateSpec,
  wanted: Readonly<Record<string, string>>,
): void {
  const other = (template.spec?.containers ?? []).find(
    ({ name, image }) => wanted[name] !== undefined && !isReference(image, wanted[name]),
  );
  if (!other) return;
  throw failure(
    'request',
    'revision-changed',
    `Revision ${revision} of ${showRef(ref)} has ${other.image ?? 'no image'} and not ${wanted[other.name] ?? ''}`,
    'Plan again: its history has changed since',
  );
}
