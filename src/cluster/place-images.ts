/**
 * Where the components run: found by their images, never guessed from names. Pure.
 */
import type { ComponentSettings } from '../domain/deployment.ts';
import { BelayError, type Refusal } from '../domain/errors.ts';
import { isOfRepository } from '../domain/image-tag.ts';
import type { Pins } from '../domain/target.ts';
import type { ComponentWorkload, ComponentWorkloads } from './look.ts';
import type { RolloutWorkload } from './rollout/rollout-state.ts';
import { showRef, type WorkloadRef } from './workloads.ts';

/** A workload with its containers' images. */
export interface DeclaredWorkload {
  readonly ref: WorkloadRef;
  /** container → image reference. */
  readonly images: Readonly<Record<string, string>>;
}

/** component → where its image runs, with the reference that is declared there. */
export interface Placed {
  readonly places: ComponentWorkloads;
  readonly references: Readonly<Record<string, string>>;
}

type Components = Readonly<Record<string, ComponentSettings>>;

/**
 * Finds every component.
 *
 * @throws BelayError `request` with every reason: an image that nothing runs, several references of one component, one
 * image for two components.
 */
export function placeComponents(
  workloads: readonly DeclaredWorkload[],
  components: Components,
): Placed {
  const found = Object.entries(components).map(([component, settings]) =>
    placeOne(component, settings, workloads),
  );
  const refusals = [
    ...found.flatMap((each) => ('refusal' in each ? [each.refusal] : [])),
    ...claimedTwice(components),
  ];
  if (refusals.length > 0) throw new BelayError('request', refusals);
  const placed = found.flatMap((each) => ('place' in each ? [each] : []));
  return {
    places: Object.fromEntries(placed.map(({ component, place }) => [component, place])),
    references: Object.fromEntries(
      placed.map(({ component, reference }) => [component, reference]),
    ),
  };
}

type One =
  | {
      readonly component: string;
      readonly place: readonly ComponentWorkload[];
      readonly reference: string;
    }
  | { readonly refusal: Refusal };

function placeOne(
  component: string,
  settings: ComponentSettings,
  workloads: readonly DeclaredWorkload[],
): One {
  const place = workloads.flatMap(({ ref, images }): ComponentWorkload[] => {
    const containers = Object.entries(images)
      .filter(([, image]) => isOfRepository(settings, image))
      .map(([name]) => name);
    return containers.length === 0 ? [] : [{ ref, containers }];
  });
  const all = workloads.flatMap(({ images }) => Object.values(images));
  const references = [...new Set(all.filter((image) => isOfRepository(settings, image)))];
  const [reference, ...others] = references;
  if (reference !== undefined && others.length === 0) return { component, place, reference };
  if (reference === undefined)
    return {
      refusal: {
        code: 'component-missing',
        message: `No workload runs ${settings.image} (component ${component}); images that run are ${[...new Set(all)].join(', ') || 'none'}`,
        remedy: 'Correct the component’s image in the deployment file',
      },
    };
  return {
    refusal: {
      code: 'component-mixed',
      message: `${settings.image} (component ${component}) is declared in several versions: ${references.join(', ')}`,
      remedy: 'Bring them to one version, or name what belongs together in the deployment file',
    },
  };
}

function claimedTwice(components: Components): Refusal[] {
  const names = Object.entries(components);
  return names
    .filter(([, { image }], at) => names.slice(0, at).some(([, other]) => other.image === image))
    .map(([component, { image }]) => ({
      code: 'component-twice',
      message: `Component ${component} has the same image as another: ${image}`,
      remedy: 'Name every image once: all its workloads are found by it',
    }));
}

/** Every workload once, for messages. */
export function showPlaces(places: ComponentWorkloads): string {
  const refs = Object.values(places).flatMap((each) => each.map(({ ref }) => showRef(ref)));
  return [...new Set(refs)].join(', ');
}

/** Whether the references are the pins'; a digest behind the tag may stand beside it. */
export function declaresPins(references: Readonly<Record<string, string>>, pins: Pins): boolean {
  return Object.entries(pins).every(([component, { reference }]) =>
    isReference(references[component], reference),
  );
}

/** Whether what is declared is `reference`, perhaps with its digest. */
export function isReference(declared: string | undefined, reference: string): boolean {
  return declared === reference || declared?.startsWith(`${reference}@`) === true;
}

/** The workloads with the image IDs that their containers may run; what is no component's may run any. */
export function rolloutGoal(
  workloads: readonly DeclaredWorkload[],
  places: ComponentWorkloads,
  pins: Pins,
): RolloutWorkload[] {
  return workloads.map(({ ref, images }) => ({
    ref,
    images: Object.fromEntries(
      Object.keys(images).map((container) => {
        const component = componentOf(places, ref, container);
        const pin = component === undefined ? undefined : pins[component];
        return [container, pin ? [pin.imageId, ...(pin.digest ? [pin.digest] : [])] : []];
      }),
    ),
  }));
}

function componentOf(
  places: ComponentWorkloads,
  ref: WorkloadRef,
  container: string,
): string | undefined {
  return Object.entries(places).find(([, each]) =>
    each.some(
      (place) => showRef(place.ref) === showRef(ref) && place.containers.includes(container),
    ),
  )?.[0];
}
