/** The activities, one verb per file, made from their dependencies. */
import { claim, type ClaimInput } from './claim.ts';
import { collect, type CollectInput } from './collect.ts';
import { decidePlan, type DecideInput } from './decide-plan.ts';
import type { ActivityDeps } from './deps.ts';
import { describeSite } from './describe-site.ts';
import { fetch } from './fetch.ts';
import { judge, type JudgeInput } from './judge.ts';
import { loadDeployment } from './load-deployment.ts';
import { migrate, quiesceMigration, type QuiesceInput } from './migrate.ts';
import { observe, type ObserveInput } from './observe.ts';
import { settle, type SettleInput } from './settle.ts';
import { swap, type SwapInput } from './swap.ts';
import { takeBackup, type BackupInput } from './take-backup.ts';
import { takeOver } from './take-over.ts';
import type { ActInput } from './acting.ts';
import type { Deployment } from '../domain/deployment.ts';

/** Makes the activities. Their names are those of the history: a change of name breaks open operations. */
export function createActivities(deps: ActivityDeps) {
  return {
    loadDeployment: (input: { name: string; to?: string }) => loadDeployment(deps, input),
    describeSite: (input: { site: string }) => describeSite(deps, input),
    decidePlan: (input: DecideInput) => decidePlan(input),
    observe: (input: ObserveInput) => observe(deps, input),
    claim: (input: ClaimInput) => claim(deps, input),
    takeOver: (input: { deployment: Deployment }) => takeOver(deps, input),
    takeBackup: (input: BackupInput) => takeBackup(deps, input),
    fetch: (input: ActInput) => fetch(deps, input),
    swap: (input: SwapInput) => swap(deps, input),
    migrate: (input: ActInput) => migrate(deps, input),
    quiesceMigration: (input: QuiesceInput) => quiesceMigration(deps, input),
    judge: (input: JudgeInput) => judge(deps, input),
    collect: (input: CollectInput) => collect(deps, input),
    settle: (input: SettleInput) => settle(deps, input),
  };
}

/** The activities, as workflows see them (by type only). */
export type Activities = ReturnType<typeof createActivities>;
