/**
 * What is applied of a pod's specification. Pure.
 */
import { isApplied, type ContainerList } from './field-managers.ts';
import type { Workload } from '../../cluster/workloads.ts';

/** A container with its image, and nothing else of it. */
interface AppliedContainer {
  readonly name: string;
  readonly image: string;
}

/** The containers with the images that they are to have. */
export interface AppliedSpec {
  readonly containers: readonly AppliedContainer[];
  readonly initContainers?: readonly AppliedContainer[];
}

/**
 * The images of `changed`, and those that belay applied before, as they are: what a manager leaves out of its next apply is
 * taken away where nobody else owns it, and a container without an image is refused.
 */
export function appliedSpec(
  { template, metadata }: Pick<Workload, 'template' | 'metadata'>,
  changed: Readonly<Record<string, string>>,
): AppliedSpec {
  const { containers = [], initContainers = [] } = template.spec ?? {};
  const applied = (
    list: ContainerList,
    all: readonly { readonly name: string; readonly image?: string }[],
  ) =>
    all.flatMap(({ name, image: now }) => {
      const image = changed[name] ?? (isApplied(metadata, list, name) ? now : undefined);
      return image === undefined ? [] : [{ name, image }];
    });
  const init = applied('initContainers', initContainers);
  return {
    containers: applied('containers', containers),
    ...(init.length > 0 && { initContainers: init }),
  };
}
