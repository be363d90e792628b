/**
 * Watches a rollout by asking: polled status is the truth, and a stalled watch can't hide anything.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreV1Event } from '@kubernetes/client-node';
import type { ActContext } from '../../domain/act.ts';
import type { RolloutSettings } from '../../domain/deployment.ts';
import { BelayError, failure } from '../../domain/errors.ts';
import type { Cluster } from '../cluster.ts';
import { asked } from '../failures.ts';
import { listOwned } from '../instances.ts';
import { readWorkloads } from '../workloads.ts';
import {
  judgeRollout,
  resumeRollout,
  startRollout,
  type RolloutMemory,
  type RolloutVerdict,
} from './judge-rollout.ts';
import { lastWords } from './last-words.ts';
import { withNewest } from './newest.ts';
import type { RolloutView, RolloutWorkload } from './rollout-state.ts';

const POLL_MS = 700;
/** Milliseconds that each request of a poll is worth: fewer than five a second, however many kinds there are. */
const REQUEST_MS = 220;
/** A gap in the API server's answers (ms) that is waited out here; a longer one is the caller's to try again. */
const GAP_MS = 60_000;
/** An API server that has just started may know neither accounts nor roles for a moment (ms); they were asked before. */
const STARTING_MS = 10_000;
/** Where nothing moves for this long (ms), the namespace's warnings are asked for, and as often. */
const STILL_MS = 3_000;

/**
 * Ends when every pod is of the newest template, ready, and runs an accepted image.
 *
 * @throws BelayError by whose fault it failed; `cluster-unreachable` (environment) after a long silence.
 */
export async function watchRollout(
  cluster: Cluster,
  goal: readonly RolloutWorkload[],
  settings: RolloutSettings,
  context: ActContext,
): Promise<void> {
  let memory = startRollout(Date.now());
  let silentSinceMs: number | undefined;
  const readWarnings = warningsReader(cluster);
  for (;;) {
    const callsBefore = cluster.calls();
    const view = await viewOf(cluster, goal, () => readWarnings(memory)).catch((error: unknown) => {
      silentSinceMs ??= Date.now();
      if (Date.now() - silentSinceMs >= patienceMs(error)) throw error;
      context.progress({ step: 'swap', detail: error instanceof Error ? error.message : '' });
      return undefined;
    });
    if (view) {
      if (silentSinceMs !== undefined) memory = resumeRollout(memory, Date.now());
      silentSinceMs = undefined;
      const { verdict, memory: next } = judgeRollout(goal, view, settings, memory);
      memory = next;
      if (verdict.is === 'done') return;
      if (verdict.is === 'failed') throw await failed(cluster, verdict, view);
      context.progress({ step: 'swap', detail: verdict.text });
    }
    const calls = cluster.calls() - callsBefore;
    await sleep(Math.max(POLL_MS, calls * REQUEST_MS), undefined, { signal: context.signal });
  }
}

/** How long a failure to look is waited out; none: 0. */
function patienceMs(error: unknown): number {
  if (!(error instanceof BelayError)) return 0;
  if (error.fault === 'environment') return GAP_MS;
  return ['cluster-denied', 'permission-missing'].includes(error.code) ? STARTING_MS : 0;
}

async function viewOf(
  cluster: Cluster,
  goal: readonly RolloutWorkload[],
  readWarnings: () => Promise<readonly CoreV1Event[]>,
): Promise<RolloutView> {
  const { apps, namespace } = cluster;
  // One after the other: a template is kept before its workload says that it is seen.
  const workloads = await readWorkloads(
    cluster,
    goal.map(({ ref }) => ref),
  );
  const daemons = workloads.some(({ ref }) => ref.kind === 'DaemonSet');
  const [{ pods, sets }, revisions, warnings] = await Promise.all([
    listOwned(cluster, workloads),
    daemons
      ? asked('listing revisions', apps.listNamespacedControllerRevision({ namespace }))
      : undefined,
    readWarnings(),
  ]);
  const kept = [...sets, ...(revisions?.items ?? [])];
  return {
    nowMs: Date.now(),
    workloads: workloads.map((workload) => withNewest(workload, kept)),
    pods,
    warnings,
  };
}

/** Asks only where nothing moves: a namespace may have very many events. */
function warningsReader({ core, namespace }: Cluster) {
  let read: readonly CoreV1Event[] = [];
  let readAtMs = 0;
  return async ({ movedAtMs }: RolloutMemory): Promise<readonly CoreV1Event[]> => {
    const now = Date.now();
    if (now - movedAtMs < STILL_MS) return [];
    if (now - readAtMs < STILL_MS) return read;
    const fieldSelector = 'type=Warning';
    const events = await asked(
      `listing the events of ${namespace}`,
      core.listNamespacedEvent({ namespace, fieldSelector }),
    );
    read = events.items;
    readAtMs = now;
    return read;
  };
}

const REMEDIES: Readonly<Record<string, string>> = {
  environment: 'Mend what it names; belay tries again while its patience lasts',
  request: 'Correct what it names, then start again',
  release: 'See the evidence: logs and events of the pods',
};

async function failed(
  cluster: Cluster,
  { fault, code, text, ended }: Extract<RolloutVerdict, { is: 'failed' }>,
  { pods }: RolloutView,
): Promise<BelayError> {
  const pod = [...pods.values()].flat().find(({ metadata }) => metadata?.name === ended?.pod);
  const words = ended && pod ? await lastWords(cluster, pod, ended.container) : '';
  const said = words === '' ? '' : `\nIt said last:\n${words}`;
  const message = `In namespace ${cluster.namespace}: ${text}${said}`;
  return failure(fault, code, message, REMEDIES[fault] ?? '');
}
