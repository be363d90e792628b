/** The way forward: everything up to a proven new version. */
import { CancellationScope } from '@temporalio/workflow';
import type { UpgradeRequest } from '../domain/operation.ts';
import { goalTo } from '../domain/plan.ts';
import { prepare, verifyPlan } from './prepare.ts';
import { acting, checkpoint, fail, stopHere, type Ended, type Run } from './run.ts';
import { settleAs } from './settle.ts';
import { now } from './state.ts';

/**
 * Ends as succeeded, or throws what it failed by. Only our own messages cancel it, and what is running then is awaited,
 * so that compensation never races an act.
 */
export async function goForward(run: Run): Promise<Ended> {
  const scope = new CancellationScope();
  run.inbox.onStop = () => scope.cancel();
  if (run.inbox.stop) scope.cancel();
  await scope.run(async () => {
    if (!run.state.plan) await prepare(run);
    await beforeSwap(run);
    await swap(run);
    await prove(run);
    await checkpoint(run, 'settle');
  });
  // From here on there is nothing to stop: what serves is proven.
  run.inbox.onStop = () => undefined;
  return settleAs(run, 'succeeded');
}

async function beforeSwap(run: Run): Promise<void> {
  const { state, done } = run;
  const { input, plan, site } = acting(run);
  await checkpoint(run, 'claiming');
  await ensureClaim(run);
  if (plan.backup.take && !done.has('backup')) {
    await checkpoint(run, 'backup');
    state.enter('backup', 'backing the database up, and proving the backup');
    const backup = await site.do((act) => act.takeBackup({ ...input, startedAt: state.startedAt }));
    state.backup = backup;
    done.add('backup');
  }
  if (!done.has('fetch')) {
    await checkpoint(run, 'fetch');
    state.enter('fetch', `bringing ${plan.toVersion} here`);
    await site.do((act) => act.fetch(input));
    done.add('fetch');
  }
}

/** Writes the claim, or sees that it is there. An operator's `retry` or `rollBack` asks again: someone may have removed it. */
export async function ensureClaim(run: Run): Promise<void> {
  const { state, done } = run;
  const { input, site } = acting(run);
  if (done.has('claim')) return;
  state.enter('claiming', 'writing the claim beside the deployment');
  // Registered before the act: an act that timed out may have happened.
  state.claimed = true;
  await site.do((act) => act.claim({ ...input, startedAt: state.startedAt }));
  done.add('claim');
}

async function swap(run: Run): Promise<void> {
  const { state } = run;
  const { input, plan, site } = acting(run);
  await checkpoint(run, 'swap');
  if (run.stale) await verifyPlan(run, plan);
  // The undo is registered before the act.
  state.swapped = true;
  run.swappedAt ??= now();
  state.enter('swap', `${plan.fromVersion} → ${plan.toVersion}`);
  await site.do((act) => act.swap({ ...input, goal: goalTo(plan) }));
}

async function prove(run: Run): Promise<void> {
  const { state } = run;
  const { deployment, input, plan, site } = acting(run);
  stopHere(run);
  if (plan.operation === 'upgrade' && deployment.migrate.how !== 'none') {
    state.enter('migrate', `migrations (${deployment.migrate.how})`);
    state.say(await site.do((act) => act.migrate(input)));
  }
  stopHere(run);
  state.enter('judge', `judging ${plan.toVersion}`);
  const timeoutMs =
    plan.operation === 'rollback' ? deployment.rollback.timeoutMs : deployment.health.timeoutMs;
  const target = { ...input, goal: goalTo(plan), version: plan.toVersion, timeoutMs };
  await judged(run, () => site.do((act) => act.judge(target)));
  const request: Partial<UpgradeRequest> = state.request;
  const soakMs = request.soak ?? deployment.soakMs;
  if (soakMs === 0 || plan.operation === 'rollback') return;
  stopHere(run);
  state.enter('soak', `watching ${plan.toVersion} for ${Math.round(soakMs / 1000)} s`);
  await judged(run, () => site.do((act) => act.judge({ ...target, soakMs })));
}

/** Keeps the judgement; an unhealthy one is the release's failure. */
export async function judged(
  { state }: Run,
  judge: () => Promise<NonNullable<Run['state']['judgement']>>,
): Promise<void> {
  const judgement = await judge();
  state.judgement = judgement;
  state.say(`${judgement.verdict} after ${judgement.samples} samples`);
  if (judgement.verdict === 'healthy') return;
  throw fail(
    'release',
    judgement.reasons.map((reason) => ({
      code: 'unhealthy',
      message: reason,
      remedy: 'See the evidence: logs, inspections and events of that moment',
    })),
  );
}
