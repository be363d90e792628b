/**
 * `belay rollback NAME`: back to the previous version, or to one named. An open operation is asked to go back.
 */
import { resolve } from 'node:path';
import type { RollbackRequest } from '../../domain/operation.ts';
import { failure } from '../../domain/errors.ts';
import { EXIT } from '../exit-codes.ts';
import { follow } from '../follow.ts';
import { loadNamed } from '../load-named.ts';
import type { EngineOptions } from '../options.ts';
import { acceptOption, checkText, defaultBy, wholeOption } from '../options.ts';
import type { Output } from '../output.ts';
import { reportStarted } from '../report-started.ts';
import { withEngine } from '../with-engine.ts';
import type { Connected } from '../with-engine.ts';

/** Options of the command. */
export interface RollbackOptions extends EngineOptions {
  readonly to?: string;
  readonly toRevision?: string;
  readonly accept?: readonly string[];
  readonly bundle?: string;
  readonly by?: string;
  readonly reason?: string;
  readonly detach?: boolean;
}

/** Exit code: 0 when the wanted older version serves, whichever operation brought it back. */
export async function rollback(
  name: string,
  options: RollbackOptions,
  output: Output,
): Promise<number> {
  const request = rollbackRequest(name, options);
  await loadNamed(name);
  return withEngine(options, output, async (connected) => {
    const { look } = await import('../../client/look.ts');
    const view = await look(connected.client, name);
    if (view?.open) return takeBack(connected, view.runId, options, request, output);
    const { startRollback } = await import('../../client/start.ts');
    const started = await startRollback(connected.client, request);
    reportStarted(connected, started, options.detach === true, output);
    if (options.detach) return EXIT.succeeded;
    return follow(connected, { deployment: name, runId: started.runId }, output);
  });
}

async function takeBack(
  connected: Connected,
  runId: string,
  options: RollbackOptions,
  request: RollbackRequest,
  output: Output,
): Promise<number> {
  const { deployment } = request;
  const asked = [options.to, options.toRevision, options.bundle];
  if (asked.some((option) => option !== undefined)) {
    throw failure(
      'claim',
      'operation-open',
      `An operation on ${deployment} is open: it can only go back to where it came from`,
      `Leave --to, --to-revision and --bundle out, or wait until it has ended: belay status ${deployment}`,
    );
  }
  const { send } = await import('../../client/send.ts');
  const sent = await send(connected.client, deployment, 'rollBack', {
    by: request.by ?? defaultBy(),
    reason: request.reason ?? 'belay rollback',
  });
  output.say(`the open operation ${sent.next}`);
  if (options.detach) {
    output.answer({ sent: { message: 'rollBack', ...sent } });
    return EXIT.succeeded;
  }
  const exitCode = await follow(connected, { deployment, runId }, output);
  return exitCode === EXIT.rolledBack ? EXIT.succeeded : exitCode;
}

/** The workflow's input. Throws `request` for bad options. */
export function rollbackRequest(name: string, options: RollbackOptions): RollbackRequest {
  const { to, toRevision, bundle, by, reason } = options;
  checkText('--to', to);
  checkText('--bundle', bundle);
  checkText('--by', by);
  checkText('--reason', reason);
  return {
    deployment: name,
    by: by ?? defaultBy(),
    ...(to !== undefined && { to }),
    ...(toRevision !== undefined && { toRevision: wholeOption('--to-revision', toRevision) }),
    ...(bundle !== undefined && { bundle: resolve(bundle) }),
    ...(reason !== undefined && { reason }),
    ...acceptOption(options.accept),
  };
}
