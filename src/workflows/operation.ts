/**
 * One operation from request to ending: forward, and on failure back, or parked until an operator decides.
 */
import {
  ApplicationFailure,
  CancellationScope,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { decideAfterFailure, type Decision } from '../domain/decide.ts';
import type { Refusal } from '../domain/errors.ts';
import { CLOSING_FAILURES } from '../domain/messages.ts';
import { deploymentWorkflowId } from '../domain/names.ts';
import type { Outcome } from '../domain/operation.ts';
import { whyNotRequest } from '../domain/request.ts';
import { controlActivities } from './activity-options.ts';
import { goBack } from './back.ts';
import { captureEvidence } from './evidence.ts';
import { failedBy, type Failed } from './failures.ts';
import { goForward } from './forward.ts';
import { Inbox } from './inbox.ts';
import { statusQuery } from './messages.ts';
import { turnBackOldClaim } from './old-claim.ts';
import type { Ended, Run } from './run.ts';
import { outcomeOf, settleAs } from './settle.ts';
import { whyNotStart } from './start-rules.ts';
import { RunState, type CommonRequest } from './state.ts';

/**
 * Runs the operation and closes the workflow: completed when it succeeded or was rolled back, failed when it was refused
 * or closed while parked. It runs outside cancellation: a cancellation request is the message `abort`.
 */
export async function runOperation(
  operation: 'upgrade' | 'rollback',
  request: CommonRequest,
): Promise<Outcome> {
  const problems = whyNotAsked(operation, request);
  if (problems.length > 0) {
    const unreadable = new RunState(operation, { deployment: readableName(request) });
    setHandler(statusQuery, () => unreadable.status());
    return close(unreadable, { outcome: 'refused', reasons: problems, proven: true });
  }
  const state = new RunState(operation, request);
  const inbox = new Inbox(state);
  inbox.install();
  CancellationScope.current().cancelRequested.catch(() => inbox.cancelled());
  return CancellationScope.nonCancellable(async () => {
    const control = controlActivities();
    const run: Run = {
      state,
      inbox,
      control,
      site: undefined,
      done: new Set(),
      captures: 0,
      swappedAt: undefined,
      unwoundAt: undefined,
      stale: false,
      tookOver: false,
    };
    const ended = await toItsEnd(run).finally(() => run.site?.close());
    return close(state, ended);
  });
}

/** A name for the record of what could not be read; the input may be anything. */
function readableName(request: Partial<CommonRequest> | null): string {
  return typeof request?.deployment === 'string' ? request.deployment.slice(0, 80) : '(none)';
}

function whyNotAsked(operation: 'upgrade' | 'rollback', request: CommonRequest): Refusal[] {
  const wrong = whyNotRequest(operation, request);
  if (wrong.length > 0) return wrong;
  return whyNotStart(workflowInfo(), request.deployment, deploymentWorkflowId(request.deployment));
}

async function toItsEnd(run: Run): Promise<Ended> {
  for (;;) {
    const attempted = await attempt(run);
    if ('outcome' in attempted) return attempted;
    const decision = await whatNow(run, attempted);
    if (decision === 'refuse') return settleAs(run, 'refused');
    await captureEvidence(run);
    if (decision === 'unwind') run.state.goal = 'back';
    else {
      const ended = await park(run);
      if (ended) return ended;
    }
  }
}

/** One way forward or back: how it ended, or what it failed by. */
async function attempt(run: Run): Promise<Failed | Ended> {
  try {
    return run.state.goal === 'forward' ? await goForward(run) : await goBack(run);
  } catch (error) {
    return failedBy(error);
  }
}

async function whatNow(run: Run, failed: Failed): Promise<Decision> {
  const { state } = run;
  state.reasons = reasonsFor(run, failed);
  state.say(`failed (${failed.fault}): ${state.reasons.map(({ message }) => message).join('; ')}`);
  const codes = failed.reasons.map(({ code }) => code);
  if (failed.fault === 'claim' && codes.some((code) => FOREIGN_CLAIM.includes(code))) {
    // Another's claim lies there, so ours does not, unless it had been written before.
    if (!run.done.has('claim')) state.claimed = false;
    if (await turnBackOldClaim(run)) return 'unwind';
  }
  return decideAfterFailure({
    fault: isStopped(run, failed) ? 'stopped' : failed.fault,
    swapped: state.swapped,
    goal: state.goal,
    operation: state.operation,
    onFailure: state.deployment?.rollback.onFailure ?? 'automatic',
    fromWasHealthy: state.fromWasHealthy,
  });
}

/** Codes that say that another operation's claim lies beside the deployment. */
const FOREIGN_CLAIM: readonly string[] = ['claimed', 'claim-foreign'];

/** An accepted stop counts whatever else went wrong: a cancelled act is not tried again by the server, and ends anyhow. */
function isStopped({ inbox, state }: Run, { fault }: Failed): boolean {
  return fault === 'stopped' || (inbox.stop !== undefined && state.goal === 'forward');
}

function reasonsFor(run: Run, failed: Failed): readonly Refusal[] {
  const { stop } = run.inbox;
  if (!stop || !isStopped(run, failed)) return failed.reasons;
  return [
    ...failed.reasons,
    {
      code: stop.action === 'reject' ? 'rejected' : 'stopped',
      message: `${stop.message} by ${stop.by}${stop.reason ? `: ${stop.reason}` : ''}`,
      remedy: 'Start the operation again when it is wanted',
    },
  ];
}

/** Waits for the operator. Answers how the operation ended, or undefined when it goes on the way that the goal says. */
async function park(run: Run): Promise<Ended | undefined> {
  const { state, inbox } = run;
  state.enter('parked', 'neither version could be proven; waiting for an operator');
  state.publish({ BelayOutcome: 'parked' });
  switch ((await inbox.nextVerdict()).action) {
    case 'keep':
      return settleAs(run, 'kept');
    case 'close-parked':
      return settleAs(run, 'parked');
    case 'unwind':
      state.goal = 'back';
      run.done.delete('claim');
      return undefined;
    default:
      run.done.delete('claim');
      return undefined;
  }
}

/** Closes the workflow with its outcome. */
function close(state: RunState, ended: Ended): Outcome {
  const outcome = outcomeOf(state, ended);
  state.outcome = outcome;
  state.reasons = outcome.reasons;
  state.enter('closed', `ended: ${outcome.outcome}`);
  state.publish({ BelayOutcome: outcome.outcome });
  if (outcome.outcome === 'refused' || outcome.outcome === 'parked') {
    const summary = outcome.reasons.map(({ message }) => message).join('; ');
    throw ApplicationFailure.nonRetryable(summary, CLOSING_FAILURES[outcome.outcome], outcome);
  }
  return outcome;
}
