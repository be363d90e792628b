/** The workflow `upgrade`. */
import type { Outcome, UpgradeRequest } from '../domain/operation.ts';
import { runOperation } from './operation.ts';

/** Takes one deployment to a version, or provably back. ID `deployment/<name>`, task queue `belay`. */
export async function upgrade(request: UpgradeRequest): Promise<Outcome> {
  return runOperation('upgrade', request);
}
