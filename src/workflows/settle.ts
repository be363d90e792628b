/** Closing an operation at its site: records, log, outcome; then the claim goes. */
import type { Outcome } from '../domain/operation.ts';
import type { HistoryLine } from '../domain/record.ts';
import { failedBy } from './failures.ts';
import type { Ended, Run } from './run.ts';
import { now, type RunState } from './state.ts';

/** Ways to settle; `kept` is an operator's acceptance without proof. */
export type Settling = 'succeeded' | 'rolled-back' | 'refused' | 'kept' | 'parked';

/**
 * Settles. While the records can't be written it parks until an operator says `retry`, or `abort` to close without them:
 * what serves is known then, and nothing is unwound for the sake of a file. Never throws.
 */
export async function settleAs(run: Run, how: Settling): Promise<Ended> {
  const ended = endedAs(run, how);
  const { state, inbox } = run;
  for (let recorded = true; ;) {
    try {
      await writeSettlement(run, how, ended, recorded);
      state.settling = false;
      return ended;
    } catch (error) {
      state.reasons = failedBy(error).reasons;
      state.settling = true;
      state.enter('parked', `${ended.outcome}, but it could not be recorded`);
      recorded = (await inbox.nextVerdict()).action !== 'close-unrecorded';
    }
  }
}

async function writeSettlement(
  run: Run,
  how: Settling,
  ended: Ended,
  recorded: boolean,
): Promise<void> {
  const { state, site } = run;
  const { deployment, plan } = state;
  // Without a claim nothing was begun at the site, so there is nothing to record there.
  if (!deployment || !plan || !site || !state.claimed) return;
  state.enter('settle', `recording: ${how}`);
  await site.do((act) =>
    act.settle({
      deployment,
      plan,
      outcome: outcomeOf(state, ended),
      timeline: state.timeline,
      release: how !== 'parked',
      recorded,
      ...recordOf(how, run),
    }),
  );
}

/** What the history says, and whether the version before is now a way back. */
function recordOf(how: Settling, { state }: Run) {
  const { plan, goal } = state;
  const line = plan && lineOf(how, plan.operation);
  if (!plan || !line) return {};
  const { fromVersion, toVersion } = plan;
  // Kept on the way back: the old version was accepted, so nothing new is there to come back from.
  const [from, to] =
    how === 'kept' && goal === 'back' ? [toVersion, fromVersion] : [fromVersion, toVersion];
  const forward = to === toVersion && plan.operation === 'upgrade';
  const isNew = forward && (line === 'success' || line === 'kept');
  return { record: { line, from, to, ...(isNew && { previous: from }) } };
}

function lineOf(how: Settling, operation: Outcome['operation']): HistoryLine['kind'] | undefined {
  switch (how) {
    case 'succeeded':
      return operation === 'rollback' ? 'rollback' : 'success';
    case 'rolled-back':
    case 'kept':
      return how;
    default:
      return undefined;
  }
}

function endedAs({ state }: Run, how: Settling): Ended {
  const { plan, reasons } = state;
  switch (how) {
    case 'succeeded':
      return served('succeeded', plan?.toVersion, []);
    case 'rolled-back':
      return served('rolled-back', plan?.fromVersion, reasons);
    case 'kept':
      return {
        ...served(
          'succeeded',
          state.goal === 'back' ? plan?.fromVersion : plan?.toVersion,
          reasons,
        ),
        proven: false,
      };
    case 'refused':
      return served('refused', plan?.fromVersion, reasons);
    case 'parked':
      return { outcome: 'parked', reasons, proven: false };
  }
}

function served(
  outcome: Ended['outcome'],
  serving: string | undefined,
  reasons: Ended['reasons'],
): Ended {
  return { outcome, reasons, proven: true, ...(serving !== undefined && { serving }) };
}

/** The outcome as it is returned and recorded. */
export function outcomeOf(state: RunState, ended: Ended): Outcome {
  const { from, to, plan, judgement, backup, request } = state;
  return {
    outcome: ended.outcome,
    deployment: request.deployment,
    operation: state.operation,
    reasons: ended.reasons,
    proven: ended.proven,
    evidence: state.evidence,
    startedAt: state.startedAt,
    endedAt: now(),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(ended.serving !== undefined && { serving: ended.serving }),
    ...(plan && { planDigest: plan.digest }),
    ...(judgement && { judgement }),
    ...(backup && { backup }),
    ...(request.by !== undefined && { by: request.by }),
    ...(request.reason !== undefined && { reason: request.reason }),
  };
}
