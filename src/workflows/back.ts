/** The way back: the old pins again, whatever was reached, and the old version proven. */
import { goalFrom } from '../domain/plan.ts';
import { ensureClaim, judged } from './forward.ts';
import { acting, type Ended, type Run } from './run.ts';
import { settleAs } from './settle.ts';
import { now } from './state.ts';

/** Ends as rolled back, or throws what it failed by: then the operation parks. Nothing interrupts it. */
export async function goBack(run: Run): Promise<Ended> {
  const { state } = run;
  const { deployment, input, plan, site } = acting(run);
  const failedWith = state.reasons;
  state.enter('unwind', `going back to ${plan.fromVersion}`);
  run.unwoundAt ??= now();
  const until = run.unwoundAt;
  await ensureClaim(run);
  await site.do((act) => act.swap({ ...input, goal: goalFrom(plan) }));
  if (run.swappedAt !== undefined && deployment.migrate.how !== 'none') {
    const since = run.swappedAt;
    const ended = await site.do((act) => act.quiesceMigration({ ...input, since, until }));
    for (const text of ended) state.say(text);
  }
  state.enter('judge-old', `judging ${plan.fromVersion}`);
  await judged(run, () =>
    site.do((act) =>
      act.judge({
        ...input,
        goal: goalFrom(plan),
        version: plan.fromVersion,
        timeoutMs: deployment.rollback.timeoutMs,
      }),
    ),
  );
  state.reasons = failedWith;
  return settleAs(run, 'rolled-back');
}
