/** Brings the planned images to the site, by registry or bundle, and keeps the old ones from being pruned. */
import { acting, type ActInput } from './acting.ts';
import type { ActivityDeps } from './deps.ts';

/** Ensure-shaped and resumable: what is here already, by identity, is not transferred again. */
export function fetch(deps: ActivityDeps, input: ActInput): Promise<void> {
  const { plan } = input;
  return acting(deps, input, (target, context) =>
    target.fetch(plan.toPins, plan.source, plan.fromPins, context),
  );
}
