/**
 * The pod templates that a workload had: what `rollout undo` goes back to.
 */
import type { V1PodTemplateSpec } from '@kubernetes/client-node';
import { z } from 'zod';
import { asked } from '../../cluster/failures.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Workload } from '../../cluster/workloads.ts';

/** One template of a workload's history. */
export interface OldTemplate {
  readonly revision: number;
  /** ISO time. */
  readonly at: string;
  readonly template: V1PodTemplateSpec;
}

/** Oldest first; as many as the workload's `revisionHistoryLimit` keeps. */
export async function readTemplates(cluster: Cluster, workload: Workload): Promise<OldTemplate[]> {
  const found =
    workload.ref.kind === 'Deployment'
      ? await ofReplicaSets(cluster, workload)
      : await ofControllerRevisions(cluster, workload);
  return found.toSorted((a, b) => a.revision - b.revision);
}

async function ofReplicaSets(
  { apps, namespace }: Cluster,
  { uid, ref }: Workload,
): Promise<OldTemplate[]> {
  const { items } = await asked(
    `listing the replica sets of ${ref.name}`,
    apps.listNamespacedReplicaSet({ namespace }),
  );
  return items
    .filter(({ metadata }) => metadata?.ownerReferences?.some((owner) => owner.uid === uid))
    .flatMap(({ metadata, spec }): OldTemplate[] => {
      const revision = Number(metadata?.annotations?.['deployment.kubernetes.io/revision']);
      const template = spec?.template;
      if (!Number.isInteger(revision) || !template) return [];
      return [
        { revision, at: timeOf(metadata?.creationTimestamp), template: withoutHash(template) },
      ];
    });
}

/** The controller's own label is not part of what was asked for. */
function withoutHash(template: V1PodTemplateSpec): V1PodTemplateSpec {
  const { 'pod-template-hash': _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

const dataSchema = z.object({ spec: z.object({ template: z.record(z.string(), z.unknown()) }) });

async function ofControllerRevisions(
  { apps, namespace }: Cluster,
  { uid, ref }: Workload,
): Promise<OldTemplate[]> {
  const { items } = await asked(
    `listing the revisions of ${ref.name}`,
    apps.listNamespacedControllerRevision({ namespace }),
  );
  return items
    .filter(({ metadata }) => metadata?.ownerReferences?.some((owner) => owner.uid === uid))
    .flatMap(({ revision, data, metadata }): OldTemplate[] => {
      const parsed = dataSchema.safeParse(data);
      if (!parsed.success) return [];
      // A directive of the patch that the controller keeps, and no field.
      const { $patch: _, ...template } = parsed.data.spec.template;
      return [{ revision, at: timeOf(metadata?.creationTimestamp), template }];
    });
}

function timeOf(time: Date | undefined): string {
  return (time ?? new Date(0)).toISOString();
}

/** Whether two templates ask for the same; order of keys does not matter. */
export function isSameTemplate(a: V1PodTemplateSpec, b: V1PodTemplateSpec): boolean {
  return sorted(a) === sorted(b);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner)
            .filter(([, member]) => member !== null && member !== undefined)
            .toSorted(([x], [y]) => (x < y ? -1 : 1)),
        )
      : inner,
  );
}
