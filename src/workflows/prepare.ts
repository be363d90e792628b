/** Before anything changes: load, observe, plan, then wait for the window and the approval. */
import { condition, sleep } from '@temporalio/workflow';
import type { UpgradeRequest } from '../domain/operation.ts';
import type { Plan } from '../domain/plan.ts';
import { msUntilOpen } from '../domain/window.ts';
import { checkpoint, fail, Site, type Run } from './run.ts';

/** Fills in the state's deployment and plan. Throws `request` with every reason when it is refused. */
export async function prepare(run: Run): Promise<void> {
  const { state } = run;
  await load(run);
  state.plan = await decide(run, state.request);
  state.from = state.plan.fromVersion;
  state.to = state.plan.toVersion;
  state.say(`plan ${state.plan.digest}`);
  run.stale = await waitForApproval(run);
  // A window may close again during a hold: wait until it is open and nobody holds.
  while ((await waitForWindow(run)) || (await checkpoint(run, 'claiming'))) run.stale = true;
  if (run.stale) await verifyPlan(run, state.plan);
}

async function load(run: Run): Promise<void> {
  const { state, control } = run;
  const { deployment: name, to } = state.request;
  state.enter('loading', `reading the deployment ${name}`);
  const loaded = await control.loadDeployment({ name, ...(to !== undefined && { to }) });
  state.deployment = loaded.deployment;
  state.release = loaded.release;
  if (loaded.startedBy) state.say(`started by ${loaded.startedBy}, as the server says`);
  run.site = new Site(run, loaded.deployment.site);
}

async function decide(run: Run, request: Run['state']['request']): Promise<Plan> {
  const { state, control, site } = run;
  const { deployment, release } = state;
  if (!deployment || !site) throw fail('unknown', []);
  state.enter('observing', 'looking at what runs and at what is wanted');
  const facts = await site.do((activities) =>
    activities.observe({
      deployment,
      operation: state.operation,
      request,
      ...(release && { release }),
    }),
  );
  state.fromWasHealthy = facts.healthBefore?.ok === true;
  state.enter('planning', 'deciding the plan');
  const decided = await control.decidePlan({ operation: state.operation, facts });
  if ('refused' in decided) throw fail('request', decided.refused);
  return decided.plan;
}

/** The world may have moved on during a wait: the plan must still be what an observation gives. */
export async function verifyPlan(run: Run, waiting: Plan): Promise<void> {
  const again = await decide(run, run.state.request);
  run.stale = false;
  if (again.digest === waiting.digest) return;
  throw fail('request', [
    {
      code: 'plan-changed',
      message: `What was planned (${waiting.digest}) is not what would be planned now (${again.digest})`,
      remedy:
        'Something changed while the operation waited: look at the new plan with `belay plan`, then start again',
    },
  ]);
}

async function waitForWindow({ state }: Run): Promise<boolean> {
  const { window } = state.deployment ?? {};
  const request: Partial<UpgradeRequest> = state.request;
  if (!window || request.window === 'now') return false;
  const wait = msUntilOpen(window, Date.now());
  if (wait === 0) return false;
  const opens = new Date(Date.now() + wait).toISOString();
  state.enter(
    'window',
    `the window ${window.from}–${window.to} ${window.timeZone} opens at ${opens}`,
  );
  state.waitFor(`the maintenance window (${opens})`, 'Wait, or abort and start again with --now');
  await sleep(wait);
  return true;
}

async function waitForApproval({ state, inbox }: Run): Promise<boolean> {
  const request: Partial<UpgradeRequest> = state.request;
  if (!(request.approval ?? state.deployment?.approval ?? false)) return false;
  const digest = state.plan?.digest ?? '';
  state.enter('approval', `plan ${digest} waits for an approval`);
  state.waitFor(
    'an approval',
    `Read the plan (\`belay status ${state.request.deployment}\`), then \`belay approve ${state.request.deployment} --plan-digest ${digest}\` or reject`,
  );
  await condition(() => inbox.approved !== undefined);
  return true;
}
