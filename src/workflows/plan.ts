/** The read-only workflow `plan`. */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { CLOSING_FAILURES } from '../domain/messages.ts';
import { planWorkflowId } from '../domain/names.ts';
import type { Outcome, PlanRequest } from '../domain/operation.ts';
import type { Plan } from '../domain/plan.ts';
import type { Refusal } from '../domain/errors.ts';
import { whyNotRequest } from '../domain/request.ts';
import { controlActivities, siteActivities } from './activity-options.ts';
import { failedBy } from './failures.ts';
import { whyNotStart } from './start-rules.ts';

/** Decides what `upgrade` would do, and changes nothing. Fails as `Refused` with every reason. */
export async function plan(request: PlanRequest): Promise<{ readonly plan: Plan }> {
  const wrong = whyNotRequest('plan', request);
  const info = workflowInfo();
  const problems =
    wrong.length > 0
      ? wrong
      : whyNotStart(info, request.deployment, planWorkflowId(request.deployment));
  if (problems.length > 0) throw refusal(request, info.runStartTime, problems);
  try {
    return { plan: await decide(request) };
  } catch (error) {
    throw refusal(request, info.runStartTime, failedBy(error).reasons);
  }
}

async function decide(request: PlanRequest): Promise<Plan> {
  const control = controlActivities();
  const { deployment: name, to } = request;
  const { deployment, release } = await control.loadDeployment({ name, to });
  const facts = await siteActivities(deployment.site).observe({
    deployment,
    operation: 'upgrade',
    request,
    ...(release && { release }),
  });
  const decided = await control.decidePlan({ operation: 'upgrade', facts });
  if ('plan' in decided) return decided.plan;
  throw ApplicationFailure.nonRetryable('refused', 'request', decided.refused);
}

function refusal(request: PlanRequest, startedAt: Date, reasons: readonly Refusal[]) {
  const outcome: Outcome = {
    outcome: 'refused',
    deployment: request.deployment,
    operation: 'upgrade',
    reasons,
    proven: true,
    evidence: [],
    startedAt: startedAt.toISOString(),
    endedAt: new Date(Date.now()).toISOString(),
  };
  const summary = reasons.map(({ message }) => message).join('; ');
  return ApplicationFailure.nonRetryable(summary, CLOSING_FAILURES.refused, outcome);
}
