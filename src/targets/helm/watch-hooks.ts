/**
 * Looks after the Jobs of a chart's hooks while helm waits for them: helm itself waits its whole time limit for an image
 * that can never be pulled.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Job } from '@kubernetes/client-node';
import { asked } from '../../cluster/failures.ts';
import { podTrouble, type PodTrouble } from '../../cluster/rollout/pod-trouble.ts';
import type { ActContext } from '../../domain/act.ts';
import type { Scope } from './scope.ts';

/** Why a hook can't succeed. */
export type HookTrouble = Pick<PodTrouble, 'fault' | 'code' | 'text'>;

const POLL_MS = 2_000;

/** Calls `onHopeless` once; ends with `signal`. Never throws: helm's own verdict stands beside it. */
export async function watchHooks(
  scope: Scope,
  signal: AbortSignal,
  progress: ActContext['progress'],
  onHopeless: (trouble: HookTrouble) => void,
): Promise<void> {
  const graceMs = scope.settings.rollout.graceMs;
  const since = new Map<string, number>();
  for (;;) {
    const stopped = await sleep(POLL_MS, false, { signal }).catch(() => true);
    if (stopped) return;
    const trouble = await lookAtHooks(scope).catch(() => undefined);
    if (!trouble) continue;
    progress({ step: 'swap', detail: `hook: ${trouble.text}` });
    const first = since.get(trouble.code) ?? Date.now();
    since.set(trouble.code, first);
    const limitMs = trouble.tolerance === 'grace' ? graceMs : POLL_MS;
    if (Date.now() - first < limitMs) continue;
    onHopeless({ ...trouble, text: `A hook of the chart can’t succeed: ${trouble.text}` });
    return;
  }
}

async function lookAtHooks(scope: Scope): Promise<PodTrouble | undefined> {
  const { batch, core, namespace } = scope.cluster();
  const { items: jobs } = await asked('listing Jobs', batch.listNamespacedJob({ namespace }));
  const running = jobs.filter((job) => isHook(job, scope.settings.release) && isRunning(job));
  if (running.length === 0) return undefined;
  const { items: pods } = await asked('listing pods', core.listNamespacedPod({ namespace }));
  const uids = new Set(running.map(({ metadata }) => metadata?.uid));
  return pods
    .filter(({ metadata }) => metadata?.ownerReferences?.some(({ uid }) => uids.has(uid)))
    .map((pod) => podTrouble(pod, scope.settings.rollout.maxRestarts))
    .find((trouble) => trouble !== undefined);
}

function isHook({ metadata }: V1Job, release: string): boolean {
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
