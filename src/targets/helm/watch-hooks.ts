/**
 * Looks after the Jobs of a chart's hooks while helm waits for them: helm itself waits its whole time limit for an image
 * that can never be pulled.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { podTrouble } from '../../cluster/rollout/pod-trouble.ts';
import type { Trouble } from '../../cluster/rollout/trouble.ts';
import type { ActContext } from '../../domain/act.ts';
import { runningHookPods } from './hooks.ts';
import type { Scope } from './scope.ts';

/** Why a hook can't succeed. */
export type HookTrouble = Pick<Trouble, 'fault' | 'code' | 'text'>;

const POLL_MS = 2_000;

/**
 * Calls `onHopeless` once; ends with `signal`. Never throws: helm's own verdict stands beside it. `before`: the hooks
 * that an earlier helm left.
 */
export async function watchHooks(
  scope: Scope,
  before: ReadonlySet<string>,
  signal: AbortSignal,
  progress: ActContext['progress'],
  onHopeless: (trouble: HookTrouble) => void,
): Promise<void> {
  const graceMs = scope.settings.rollout.graceMs;
  const since = new Map<string, number>();
  for (;;) {
    const stopped = await sleep(POLL_MS, false, { signal }).catch(() => true);
    if (stopped) return;
    const trouble = await lookAtHooks(scope, before).catch(() => undefined);
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

async function lookAtHooks(
  scope: Scope,
  before: ReadonlySet<string>,
): Promise<Trouble | undefined> {
  const pods = await runningHookPods(scope, before);
  return pods
    .map((pod) => podTrouble(pod, scope.settings.rollout.maxRestarts))
    .find((trouble) => trouble !== undefined);
}
