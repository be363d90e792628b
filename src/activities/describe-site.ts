/** Says whether a site's worker is there. */
import { siteQueue } from '../domain/names.ts';
import { act } from './context.ts';
import type { ActivityDeps } from './deps.ts';

const PATIENCE_MS = 60_000;

/** How many workers poll the site's task queue. */
export function describeSite(
  deps: ActivityDeps,
  { site }: { readonly site: string },
): Promise<{ readonly pollers: number }> {
  return act(PATIENCE_MS, async () => ({ pollers: await deps.temporal.pollers(siteQueue(site)) }));
}
