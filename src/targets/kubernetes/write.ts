/**
 * The two writes that belay makes on a workload: its images, or a whole template that it had before.
 */
import { PatchStrategy, setHeaderOptions, type V1PodTemplateSpec } from '@kubernetes/client-node';
import { appliedSpec } from './applied-spec.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { asked } from '../../cluster/failures.ts';
import { showRef, type Workload, type WorkloadRef } from '../../cluster/workloads.ts';
import { FIELD_MANAGER } from './field-managers.ts';

/** Sets the images of containers, and no other field: by server-side apply, which takes over only what it names. */
export async function applyImages(
  cluster: Cluster,
  workload: Workload,
  images: Readonly<Record<string, string>>,
): Promise<void> {
  const { ref, uid } = workload;
  const body = {
    apiVersion: 'apps/v1',
    kind: ref.kind,
    // With its UID, a workload that was deleted meanwhile is not made anew out of this.
    metadata: { name: ref.name, uid },
    spec: { template: { spec: appliedSpec(workload, images) } },
  };
  await patch(cluster, ref, body, PatchStrategy.ServerSideApply);
}

/** Puts a template back whole, as `kubectl rollout undo` does. */
export async function putTemplate(
  cluster: Cluster,
  ref: WorkloadRef,
  template: V1PodTemplateSpec,
): Promise<void> {
  const body = [{ op: 'replace', path: '/spec/template', value: template }];
  await patch(cluster, ref, body, PatchStrategy.JsonPatch);
}

type Strategy = (typeof PatchStrategy)[keyof typeof PatchStrategy];

async function patch(
  { apps, namespace }: Cluster,
  ref: WorkloadRef,
  body: object,
  strategy: Strategy,
): Promise<void> {
  const { kind, name } = ref;
  const doing = `changing ${showRef(ref)}`;
  const force = strategy === PatchStrategy.ServerSideApply;
  const parameters = {
    name,
    namespace,
    body,
    fieldManager: FIELD_MANAGER,
    ...(force && { force }),
  };
  const options = setHeaderOptions('Content-Type', strategy);
  switch (kind) {
    case 'Deployment':
      await asked(doing, apps.patchNamespacedDeployment(parameters, options));
      return;
    case 'StatefulSet':
      await asked(doing, apps.patchNamespacedStatefulSet(parameters, options));
      return;
    case 'DaemonSet':
      await asked(doing, apps.patchNamespacedDaemonSet(parameters, options));
  }
}
