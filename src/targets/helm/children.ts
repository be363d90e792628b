/**
 * Calls of helm that an earlier attempt left behind: nothing is changed while one may still be at work.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActContext } from '../../domain/act.ts';
import type { RecordedChild } from '../../domain/target.ts';
import { settlePrograms } from '../../process/children.ts';
import { processHost } from '../../process/host.ts';
import type { Scope } from './scope.ts';

/**
 * Ends those of this machine (after a grace) and waits for the time limit of those of another, which can't be looked at.
 */
export async function settleChildren(
  scope: Scope,
  children: readonly RecordedChild[],
  { signal, progress }: ActContext,
): Promise<void> {
  const here = await processHost();
  const own = children.filter(({ host }) => host === undefined || host === here);
  await settlePrograms(own, scope.helm.mark, signal);
  const elsewhere = children.filter((child) => !own.includes(child));
  const until = Math.max(0, ...elsewhere.map(({ endsBy = '' }) => Date.parse(endsBy) || 0));
  while (Date.now() < until) {
    progress({
      step: 'swap',
      detail: `a helm of another machine may be at work until ${new Date(until).toISOString()}`,
    });
    await sleep(Math.min(2_000, until - Date.now()), undefined, { signal });
  }
}
