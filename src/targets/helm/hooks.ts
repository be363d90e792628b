/**
 * The pods of a chart's hooks. Hooks are no objects of the release: they are told by their annotation.
 */
import type { V1Job, V1ObjectMeta, V1Pod } from '@kubernetes/client-node';
import { asked } from '../../cluster/failures.ts';
import type { Scope } from './scope.ts';

/** Jobs and pods that are hooks themselves, by UID. */
interface Hooks {
  readonly uids: ReadonlySet<string>;
  /** All pods of the namespace. */
  readonly pods: readonly V1Pod[];
}

/** The pods of all hooks that are there. */
export async function hookPods(scope: Scope): Promise<V1Pod[]> {
  return podsOf(await readHooks(scope, { running: false }));
}

/** The pods of hooks that have not ended, but for those that were there `before`: helm leaves what failed. */
export async function runningHookPods(scope: Scope, before: ReadonlySet<string>): Promise<V1Pod[]> {
  const { uids, pods } = await readHooks(scope, { running: true });
  return podsOf({ uids: new Set([...uids].filter((uid) => !before.has(uid))), pods });
}

/** UIDs of the hooks that have not ended: what is there before helm begins is none of its own. */
export async function runningHooks(scope: Scope): Promise<ReadonlySet<string>> {
  return (await readHooks(scope, { running: true })).uids;
}

async function readHooks(scope: Scope, { running }: { readonly running: boolean }): Promise<Hooks> {
  const { batch, core, namespace } = scope.cluster();
  const { release } = scope.settings;
  const [jobs, { items: pods }] = await Promise.all([
    asked(`listing the Jobs of ${namespace}`, batch.listNamespacedJob({ namespace })),
    asked(`listing the pods of ${namespace}`, core.listNamespacedPod({ namespace })),
  ]);
  const hooks = [
    ...jobs.items.filter((job) => !running || isRunning(job)),
    ...pods.filter((pod) => !running || !hasEnded(pod)),
  ].filter(({ metadata }) => isHook(metadata, release));
  return { uids: new Set(hooks.map(({ metadata }) => metadata?.uid ?? '')), pods };
}

function podsOf({ uids, pods }: Hooks): V1Pod[] {
  return pods.filter(({ metadata }) =>
    [metadata, ...(metadata?.ownerReferences ?? [])].some((each) => uids.has(each?.uid ?? '?')),
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
