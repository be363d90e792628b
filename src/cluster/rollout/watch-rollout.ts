/**
 * Watches a rollout by asking: polled status is the truth, and a stalled watch can't hide anything.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActContext } from '../../domain/act.ts';
import type { RolloutSettings } from '../../domain/deployment.ts';
import { BelayError, failure } from '../../domain/errors.ts';
import type { Cluster } from '../cluster.ts';
import { podsOf } from '../instances.ts';
import { readWorkloads } from '../workloads.ts';
import {
  judgeRollout,
  startRollout,
  type RolloutVerdict,
  type RolloutView,
  type RolloutWorkload,
} from './judge-rollout.ts';

/** With three requests a poll: fewer than five a second. */
const POLL_MS = 700;
/** A gap in the API server's answers (ms) that is waited out here; a longer one is the caller's to try again. */
const GAP_MS = 60_000;

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
  for (;;) {
    const view = await viewOf(cluster, goal).catch((error: unknown) => {
      if (!(error instanceof BelayError) || error.fault !== 'environment') throw error;
      silentSinceMs ??= Date.now();
      if (Date.now() - silentSinceMs > GAP_MS) throw error;
      context.progress({ step: 'swap', detail: error.message });
      return undefined;
    });
    if (view) {
      if (silentSinceMs !== undefined) {
        // Nothing could move visibly meanwhile: the clocks stood still.
        memory = { ...memory, movedAtMs: Date.now(), since: {} };
        silentSinceMs = undefined;
      }
      const step = judgeRollout(goal, view, settings, memory);
      memory = step.memory;
      if (step.verdict.is === 'done') return;
      if (step.verdict.is === 'failed') throw failed(step.verdict, cluster.namespace);
      context.progress({ step: 'swap', detail: step.verdict.text });
    }
    await sleep(POLL_MS, undefined, { signal: context.signal });
  }
}

async function viewOf(cluster: Cluster, goal: readonly RolloutWorkload[]): Promise<RolloutView> {
  const workloads = await readWorkloads(
    cluster,
    goal.map(({ ref }) => ref),
  );
  return { nowMs: Date.now(), workloads, pods: await podsOf(cluster, workloads) };
}

const REMEDIES: Readonly<Record<string, string>> = {
  environment: 'Mend what it names; belay tries again while its patience lasts',
  request: 'Correct what it names, then start again',
  release: 'See the evidence: logs and events of the pods',
};

function failed(
  { fault, code, text }: Extract<RolloutVerdict, { is: 'failed' }>,
  namespace: string,
): BelayError {
  return failure(fault, code, `In namespace ${namespace}: ${text}`, REMEDIES[fault] ?? '');
}
