/**
 * The pods of a chart's hooks. Hooks are no objects of the release: they are told by their annotation.
 */
import type { V1Job, V1ObjectMeta, V1Pod } from '@kubernetes/client-node';
import { asked } from '../../cluster/failures.ts';
import type { Scope } from './scope.ts';

/** Those of hook Jobs, and pods that are hooks themselves; `running`: only of hooks that have not ended. */
export async function hookPods(
  scope: Scope,
  { running }: { readonly running: boolean },
): Promise<V1Pod[]> {
  const { batch, core, namespace } = scope.cluster();
  const [jobs, pods] = await Promise.all([
    asked(`listing the Jobs of ${namespace}`, batch.listNamespacedJob({ namespace })),
    asked(`listing the pods of ${namespace}`, core.listNamespacedPod({ namespace })),
  ]);
  const hooks = jobs.items.filter(
    (job) => isHook(job.metadata, scope.settings.release) && (!running || isRunning(job)),
  );
  const uids = new Set(hooks.map(({ metadata }) => metadata?.uid));
  return pods.items.filter(
    (pod) =>
      pod.metadata?.ownerReferences?.some(({ uid }) => uids.has(uid)) === true ||
      (isHook(pod.metadata, scope.settings.release) && (!running || !hasEnded(pod))),
  );
}

function isHook(metadata: V1ObjectMeta | undefined, release: string): boolean {
  const annotations = metadata?.annotations ?? {};
  const owner = annotations['meta.helm.sh/release-name'];
  // Hooks carry no release of their own: what is told apart is told by the chart's label.
  const label = metadata?.labels?.['app.kubernetes.io/instance'];
  const other = (owner ?? label ?? release) !== release;
  return annotations['helm.sh/hook'] !== undefined && !other;
}

function isRunning({ status }: V1Job): boolean {
  return status?.completionTime === undefined && (status?.failed ?? 0) === 0;
}

function hasEnded({ status }: V1Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
