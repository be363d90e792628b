/**
 * A stand-in for the workflow `upgrade`, which takes every turn that a client must understand. `to` says which.
 */
import {
  ApplicationFailure,
  condition,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { CLOSING_FAILURES } from '../../src/domain/messages.ts';
import type { Outcome, Phase, Status, UpgradeRequest } from '../../src/domain/operation.ts';
import { signals, statusQuery, updates } from '../../src/workflows/messages.ts';

export async function upgrade({ deployment, to }: UpgradeRequest): Promise<Outcome> {
  const { runId, runStartTime } = workflowInfo();
  const startedAt = runStartTime.toISOString();
  let phase: Phase = to === 'parks' ? 'parked' : 'soak';
  let released = false;
  const times = { startedAt, phaseSince: startedAt };
  setHandler(statusQuery, (): Status => {
    const timeline = [{ at: startedAt, phase, text: `in ${phase}` }];
    const rest = { held: false, evidence: [], reasons: [], accepts: ['resume'], from: '1' };
    return { deployment, operation: 'upgrade', runId, to, phase, timeline, ...times, ...rest };
  });
  setHandler(
    updates.resume,
    () => {
      released = true;
      return { accepted: true as const, next: 'goes on' };
    },
    {
      validator: ({ by }) => {
        if (by === 'nobody') throw ApplicationFailure.nonRetryable('nobody may not');
      },
    },
  );
  setHandler(signals.resume, () => {
    released = true;
  });
  upsertSearchAttributes({ BelayDeployment: [deployment], BelayTo: [to], BelayPhase: [phase] });
  if (to !== 'refused') await condition(() => released);
  phase = 'closed';
  const outcome: Outcome = {
    outcome: to === 'refused' ? 'refused' : 'succeeded',
    deployment,
    operation: 'upgrade',
    to,
    reasons: to === 'refused' ? [{ code: 'no', message: 'no such version', remedy: 'none' }] : [],
    proven: true,
    evidence: [],
    startedAt,
    endedAt: startedAt,
  };
  upsertSearchAttributes({ BelayOutcome: [outcome.outcome] });
  if (to !== 'refused') return outcome;
  throw ApplicationFailure.nonRetryable('refused', CLOSING_FAILURES.refused, outcome);
}
