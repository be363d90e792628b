/**
 * Pins of what runs now, for the way back.
 */
import { BelayError, type Refusal } from '../domain/errors.ts';
import type { Instance, Observed, Pins } from '../domain/target.ts';

/** @throws BelayError `request` for every component of which nothing runs, or several images do. */
export function currentPins(components: readonly string[], observed: Observed): Pins {
  const found = components.map((component) => {
    const { declared = '', instances = [] } = observed.components[component] ?? {};
    return { component, declared, ids: imageIds(instances) };
  });
  const refusals = found.flatMap(({ component, ids }): Refusal[] => {
    if (ids.length === 1) return [];
    const why =
      ids.length === 0
        ? 'no pod of it runs'
        : `its pods run several images: ${ids.join(', ')}; a rollout is under way, or a tag was moved`;
    return [
      {
        code: ids.length === 0 ? 'not-running' : 'mixed-images',
        message: `${component}: ${why}, so there would be no known way back`,
        remedy: 'Bring it to one version first: see `kubectl get pods`',
      },
    ];
  });
  if (refusals.length > 0) throw new BelayError('request', refusals);
  return Object.fromEntries(
    found.map(({ component, declared, ids: [imageId = ''] }) => {
      const reference = declared.split('@')[0] ?? declared;
      return [component, { reference, imageId, digest: imageId }];
    }),
  );
}

function imageIds(instances: readonly Instance[]): string[] {
  return [...new Set(instances.map(({ imageId }) => imageId).filter((id) => id !== ''))];
}
