/** The workflow `rollback`. */
import type { Outcome, RollbackRequest } from '../domain/operation.ts';
import { runOperation } from './operation.ts';

/** Takes one deployment back to its previous version, or to one named. ID `deployment/<name>`, task queue `belay`. */
export async function rollback(request: RollbackRequest): Promise<Outcome> {
  return runOperation('rollback', request);
}
