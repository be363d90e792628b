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
  const found = findAll(workloads, components);
  refuse([
    ...found.flatMap((each) => [...whyMissing(each, workloads), ...whyMixed(each)]),
    ...claimedTwice(components),
  ]);
  return {
    places: placesOf(found),
    references: Object.fromEntries(
      found.map(({ component, references: [reference = ''] }) => [component, reference]),
    ),
  };
}

/**
 * The same where a component may have several references: a swap that was interrupted between two workloads leaves them
 * so, and the next one has to find them.
 */
export function placeByRepository(
  workloads: readonly DeclaredWorkload[],
  components: Components,
): ComponentWorkloads {
  const found = findAll(workloads, components);
  refuse([...found.flatMap((each) => whyMissing(each, workloads)), ...claimedTwice(components)]);
  return placesOf(found);
}

interface Found {
  readonly component: string;
  readonly settings: ComponentSettings;
  readonly place: readonly ComponentWorkload[];
  /** Each once. */
  readonly references: readonly string[];
}

function findAll(workloads: readonly DeclaredWorkload[], components: Components): Found[] {
  return Object.entries(components).map(([component, settings]) => {
    const place = workloads.flatMap(({ ref, images }): ComponentWorkload[] => {
      const containers = Object.entries(images)
        .filter(([, image]) => isOfRepository(settings, image))
        .map(([name]) => name);
      return containers.length === 0 ? [] : [{ ref, containers }];
    });
    const references = imagesOf(workloads).filter((image) => isOfRepository(settings, image));
    return { component, settings, place, references };
  });
}

/** Each once. */
function imagesOf(workloads: readonly DeclaredWorkload[]): string[] {
  return [...new Set(workloads.flatMap(({ images }) => Object.values(images)))];
}

function placesOf(found: readonly Found[]): ComponentWorkloads {
  return Object.fromEntries(found.map(({ component, place }) => [component, place]));
}

function refuse(refusals: readonly Refusal[]): void {
  if (refusals.length > 0) throw new BelayError('request', refusals);
}

function whyMissing(
  { component, settings, references }: Found,
  workloads: readonly DeclaredWorkload[],
): Refusal[] {
  if (references.length > 0) return [];
  return [
    {
      code: 'component-missing',
      message: `No workload runs ${settings.image} (component ${component}); images that run are ${imagesOf(workloads).join(', ') || 'none'}`,
      remedy: 'Correct the component’s image in the deployment file',
    },
  ];
}

function whyMixed({ component, settings, references }: Found): Refusal[] {
  if (references.length < 2) return [];
  return [
    {
      code: 'component-mixed',
      message: `${settings.image} (component ${component}) is declared in several versions: ${references.join(', ')}`,
      remedy: 'Bring them to one version, or name what belongs together in the deployment file',
    },
  ];
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
