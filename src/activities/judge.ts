/** Samples until the health gate decides. The verdict is the domain's; this only looks, waits and remembers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { addSample, addSoakSample, startGate } from '../domain/judge.ts';
import type { Expectation, GateState, Judgement, Sample } from '../domain/judge.ts';
import { stoppedByEngine } from '../domain/stopped-by-engine.ts';
import type { Goal, Look } from '../domain/target.ts';
import { failure } from '../domain/errors.ts';
import { acting, type ActInput } from './acting.ts';
import type { Act } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { createLook } from './look.ts';

/** Input of {@link judge}. */
export interface JudgeInput extends ActInput {
  readonly goal: Goal;
  readonly version: string;
  /** How long the version has to become healthy. */
  readonly timeoutMs: number;
  /** With a soak: how long it must stay healthy, once it is. */
  readonly soakMs?: number;
}

/** The gate's memory in the heartbeat, so that a new worker goes on with the same clock. */
interface Memory {
  readonly gate: GateState;
  /** How many times the swap was made whole after the engine had stopped its containers. */
  readonly revivals: number;
}

/** An engine that comes and goes more often than this is not worth waiting for. */
const MAX_REVIVALS = 3;

/**
 * Ends with a verdict, healthy or unhealthy, as a value; it throws `environment` when nothing could be observed for the
 * whole of the deployment's patience.
 */
export function judge(deps: ActivityDeps, input: JudgeInput): Promise<Judgement> {
  const { deployment } = input;
  return acting<Judgement, Memory>(deps, input, async (target, context) => {
    const look = createLook(deployment, target, context);
    const expected: Expectation = {
      pins: input.goal.pins,
      version: input.version,
      health: { ...deployment.health, timeoutMs: input.timeoutMs },
    };
    let state = context.remembered?.gate ?? startGate();
    let revivals = context.remembered?.revivals ?? 0;
    let blindSinceMs: number | undefined;
    for (;;) {
      const sample = await look();
      const stopped = stoppedByEngine(lookOf(sample), input.goal.pins);
      if (stopped !== undefined && revivals < MAX_REVIVALS) {
        revivals += 1;
        state = startGate();
        context.remember({ gate: state, revivals });
        await target.swap(input.goal, context.runId, context);
        continue;
      }
      const next = step(state, sample, expected, input.soakMs);
      state = next.state;
      context.remember({ gate: state, revivals });
      report(context, next.judgement, input);
      if (next.judgement.verdict !== 'undecided') return next.judgement;
      blindSinceMs = sample.unobservable === undefined ? undefined : (blindSinceMs ?? sample.atMs);
      giveUpWhenBlind(blindSinceMs, sample, deployment.patienceMs);
      await sleep(deployment.health.intervalMs, undefined, { signal: context.signal });
    }
  });
}

function step(state: GateState, sample: Sample, expected: Expectation, soakMs?: number) {
  return soakMs === undefined
    ? addSample(state, sample, expected)
    : addSoakSample(state, sample, expected, soakMs);
}

function lookOf({ instances = {}, engineStartedAt }: Sample): Look {
  return { instances, ...(engineStartedAt !== undefined && { engineStartedAt }) };
}

function report(context: Act<Memory>, judgement: Judgement, input: JudgeInput) {
  context.waitingOn(judgement.waitingOn);
  const limitMs = input.soakMs ?? input.timeoutMs;
  const last = judgement.reasons.at(-1);
  context.progress({
    step: input.soakMs === undefined ? `judging ${input.version}` : `watching ${input.version}`,
    detail: [
      `${judgement.consecutive} healthy in a row`,
      `${Math.round(judgement.observedMs / 1000)} of ${Math.round(limitMs / 1000)} s`,
      ...(last ? [last] : []),
    ].join(', '),
  });
}

function giveUpWhenBlind(sinceMs: number | undefined, sample: Sample, patienceMs: number): void {
  if (sinceMs === undefined || sample.atMs - sinceMs < patienceMs) return;
  throw failure(
    'environment',
    'unobservable',
    `Nothing could be observed for ${Math.round(patienceMs / 60_000)} minutes: ${sample.unobservable ?? ''}`,
    'Bring the container engine back, then retry',
  );
}
