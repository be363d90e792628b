/**
 * Stops workloads for a restore, and brings back what there was. What there was is written on the workload itself before
 * anything is stopped: a kill in between loses nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PatchStrategy, setHeaderOptions, type V1Pod } from '@kubernetes/client-node';
import { z } from 'zod';
import type { ActContext } from '../domain/act.ts';
import { failure } from '../domain/errors.ts';
import { parseJson } from '../domain/parse-json.ts';
import type { Cluster } from './cluster.ts';
import { asked } from './failures.ts';
import { isOver, podsOf } from './instances.ts';
import { readWorkloads, showRef, type Workload, type WorkloadRef } from './workloads.ts';

const ANNOTATION = 'belay.dev/before-stop';
/** No node carries it. */
const NOWHERE = 'belay.dev/stopped';
const POLL_MS = 500;
/** Pods may take their grace to end, and their probes to be ready (ms). */
const LIMIT_MS = 10 * 60_000;

const beforeSchema = z.object({
  /** Replicas there were; absent for a DaemonSet. */
  replicas: z.number().int().nonnegative().optional(),
});

/**
 * Scales to none and waits until no pod runs any more. A horizontal autoscaler rests while there are none; a
 * PodDisruptionBudget is not asked, for none can be kept while all are stopped.
 */
export async function stopWorkloads(
  cluster: Cluster,
  refs: readonly WorkloadRef[],
  context: ActContext,
): Promise<void> {
  for (const workload of await readWorkloads(cluster, refs)) {
    if (isStopped(workload)) continue;
    context.signal.throwIfAborted();
    context.progress({ step: 'stop', detail: showRef(workload.ref) });
    await patch(cluster, workload.ref, stopPatch(workload));
  }
  await until(cluster, refs, context, 'stop', (workload, pods) =>
    pods === 0 ? undefined : `${showRef(workload.ref)}: ${pods} pods left`,
  );
}

/** Restores what {@link stopWorkloads} noted and waits until all pods are ready; nothing noted: nothing done. */
export async function startWorkloads(
  cluster: Cluster,
  refs: readonly WorkloadRef[],
  context: ActContext,
): Promise<void> {
  const stopped = (await readWorkloads(cluster, refs)).filter(
    ({ metadata }) => metadata.annotations?.[ANNOTATION] !== undefined,
  );
  for (const workload of stopped) {
    context.signal.throwIfAborted();
    context.progress({ step: 'start', detail: showRef(workload.ref) });
    await patch(cluster, workload.ref, startPatch(workload));
  }
  await until(
    cluster,
    stopped.map(({ ref }) => ref),
    context,
    'start',
    ({ ref, desired, ready, observed }) =>
      observed && ready >= desired ? undefined : `${showRef(ref)}: ${ready} of ${desired} ready`,
  );
}

/** Noted, and stopped still: whoever brought it back by hand since has set a new count. */
export function isStopped({ ref, desired, metadata, template }: Workload): boolean {
  if (metadata.annotations?.[ANNOTATION] === undefined) return false;
  return ref.kind === 'DaemonSet'
    ? template.spec?.nodeSelector?.[NOWHERE] !== undefined
    : desired === 0;
}

/** Exported for its test, as the others here. */
export function stopPatch({ ref, desired }: Workload): object {
  const before = JSON.stringify(ref.kind === 'DaemonSet' ? {} : { replicas: desired });
  const metadata = { annotations: { [ANNOTATION]: before } };
  return ref.kind === 'DaemonSet'
    ? { metadata, spec: { template: { spec: { nodeSelector: { [NOWHERE]: 'true' } } } } }
    : { metadata, spec: { replicas: 0 } };
}

export function startPatch(workload: Workload): object {
  const { ref, metadata } = workload;
  const noted = metadata.annotations?.[ANNOTATION] ?? '';
  const before = beforeSchema.safeParse(parseJson(noted));
  if (!before.success)
    throw failure(
      'unknown',
      'stopped-unreadable',
      `${showRef(ref)} carries the annotation ${ANNOTATION}, which can't be read: ${noted.slice(0, 200)}`,
      'Scale it by hand, remove the annotation, then retry',
    );
  // null removes: what we added, and nothing else.
  const cleared = { annotations: { [ANNOTATION]: null } };
  if (!isStopped(workload)) return { metadata: cleared };
  return ref.kind === 'DaemonSet'
    ? { metadata: cleared, spec: { template: { spec: { nodeSelector: { [NOWHERE]: null } } } } }
    : { metadata: cleared, spec: { replicas: before.data.replicas ?? 1 } };
}

/** A merge patch of one workload. */
async function patch(
  { apps, namespace }: Cluster,
  { kind, name }: WorkloadRef,
  body: object,
): Promise<void> {
  const doing = `changing ${kind}/${name}`;
  const parameters = { name, namespace, body };
  const options = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
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

/** An evicted pod's object stays until somebody clears it away; nothing of it runs. */
function isThere(pod: V1Pod): boolean {
  return pod.metadata?.deletionTimestamp !== undefined || !isOver(pod);
}

async function until(
  cluster: Cluster,
  refs: readonly WorkloadRef[],
  { signal, progress }: ActContext,
  step: string,
  whyNot: (workload: Workload, pods: number) => string | undefined,
): Promise<void> {
  if (refs.length === 0) return;
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const workloads = await readWorkloads(cluster, refs);
    const pods = await podsOf(cluster, workloads, { ending: true });
    const waiting = workloads
      .map((workload) =>
        whyNot(workload, (pods.get(showRef(workload.ref)) ?? []).filter(isThere).length),
      )
      .filter((why) => why !== undefined);
    if (waiting.length === 0) return;
    if (Date.now() > deadline)
      throw failure(
        'environment',
        `${step}-timeout`,
        `Still so after ${LIMIT_MS / 60_000} minutes: ${waiting.join('; ')}`,
        'See the pods and their events',
      );
    progress({ step, detail: waiting.join('; ') });
    await sleep(POLL_MS, undefined, { signal });
  }
}
