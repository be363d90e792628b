/**
 * The workloads of a manifest, and where the components are among them. Pure.
 */
import { z } from 'zod';
import { placeComponents, type DeclaredWorkload, type Placed } from '../../cluster/place-images.ts';
import { isWorkloadKind } from '../../cluster/workloads.ts';
import type { ComponentSettings } from '../../domain/deployment.ts';
import type { DeclaredObject } from './objects.ts';

const podSchema = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.array(z.object({ name: z.string(), image: z.string() })),
      }),
    }),
  }),
});

/** Every workload of a manifest. */
export function workloadsOf(objects: readonly DeclaredObject[]): DeclaredWorkload[] {
  return objects.flatMap(({ kind, name, object }) => {
    if (!isWorkloadKind(kind)) return [];
    const parsed = podSchema.safeParse(object);
    if (!parsed.success) return [];
    const { containers } = parsed.data.spec.template.spec;
    return [
      {
        ref: { kind, name },
        images: Object.fromEntries(containers.map((each) => [each.name, each.image])),
      },
    ];
  });
}

/** Finds the components in a manifest; see {@link placeComponents}. */
export function placeInManifest(
  objects: readonly DeclaredObject[],
  components: Readonly<Record<string, ComponentSettings>>,
): Placed {
  return placeComponents(workloadsOf(objects), components);
}
