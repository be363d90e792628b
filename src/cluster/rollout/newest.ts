/**
 * Which pods are of a workload's newest template. Pure.
 */
import type { V1ObjectMeta, V1Pod } from '@kubernetes/client-node';
import type { Workload } from '../workloads.ts';

/** A template that a controller keeps: a replica set, or a controller revision. */
export interface KeptTemplate {
  readonly metadata?: V1ObjectMeta;
  /** A controller revision's own count; a replica set has it in an annotation. */
  readonly revision?: number;
}

const REVISION = 'deployment.kubernetes.io/revision';
const LABELS = { Deployment: 'pod-template-hash', DaemonSet: 'controller-revision-hash' } as const;

/**
 * The workload with the label of its newest pods. Images can't tell them: a revert of a setting leaves the image as it
 * is, and an admission may write another image into pods. The highest count is the newest: the controller counts the
 * template anew that it goes to, before it reports to have seen it.
 */
export function withNewest(workload: Workload, kept: readonly KeptTemplate[]): Workload {
  const { ref, uid } = workload;
  // A StatefulSet's status names it.
  if (ref.kind === 'StatefulSet') return workload;
  const label = LABELS[ref.kind];
  const [newest] = kept
    .filter(({ metadata }) => metadata?.ownerReferences?.some((owner) => owner.uid === uid))
    .toSorted((a, b) => countOf(b) - countOf(a));
  const value = newest?.metadata?.labels?.[label];
  return value === undefined ? workload : { ...workload, newest: { label, value } };
}

function countOf({ metadata, revision }: KeptTemplate): number {
  return revision ?? (Number(metadata?.annotations?.[REVISION]) || 0);
}

/** By the controller's label; where none is known, by the images of `containers`. */
export function isNewest(
  { newest, template }: Pick<Workload, 'newest' | 'template'>,
  containers: readonly string[],
  pod: V1Pod,
): boolean {
  if (newest) return pod.metadata?.labels?.[newest.label] === newest.value;
  const imageOf = (all: readonly { name: string; image?: string }[] = [], name: string) =>
    all.find((each) => each.name === name)?.image;
  return containers.every(
    (name) => imageOf(pod.spec?.containers, name) === imageOf(template.spec?.containers, name),
  );
}
