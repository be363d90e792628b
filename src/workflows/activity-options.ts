/**
 * How each activity is called: queue, time limits, retries by whose fault a failure is.
 */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { CONTROL_QUEUE, siteQueue } from '../domain/names.ts';

/**
 * Only the environment's failures are retried (the activity itself gives up when the deployment's patience is
 * exhausted, by throwing `environment-exhausted` as non-retryable). Cancellation is always awaited: without it,
 * compensation would race the activity.
 */
const COMMON = {
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: {
    initialInterval: '1s',
    backoffCoefficient: 2,
    maximumInterval: '20s',
    nonRetryableErrorTypes: ['release', 'request', 'claim', 'unknown'],
  },
} satisfies ActivityOptions;

/** Longer than three missed heartbeats of 5 s: a worker killed with -9 is noticed within it. */
const HEARTBEAT = '15s';

/** Activities that need no site. */
export function controlActivities() {
  return proxyActivities<Pick<Activities, 'loadDeployment' | 'decidePlan' | 'describeSite'>>({
    ...COMMON,
    taskQueue: CONTROL_QUEUE,
    startToCloseTimeout: '1m',
    heartbeatTimeout: HEARTBEAT,
  });
}

/** Evidence must not keep a bad release running for long: two tries, and the way back begins without it. */
export function evidenceActivities(site: string) {
  return proxyActivities<Pick<Activities, 'collect'>>({
    ...COMMON,
    retry: { ...COMMON.retry, maximumAttempts: 2 },
    taskQueue: siteQueue(site),
    startToCloseTimeout: '45s',
    heartbeatTimeout: HEARTBEAT,
  });
}

/** Activities of one site; no schedule-to-start timeout: an absent worker makes the operation wait and say so. */
export function siteActivities(site: string) {
  return proxyActivities<
    Omit<Activities, 'loadDeployment' | 'decidePlan' | 'describeSite' | 'collect'>
  >({
    ...COMMON,
    taskQueue: siteQueue(site),
    // Each act has its own, shorter limit inside; this one only ends what hangs beyond reason.
    startToCloseTimeout: '24h',
    heartbeatTimeout: HEARTBEAT,
  });
}
