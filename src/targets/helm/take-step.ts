/**
 * Carries a decided step out, with helm.
 */
import { z } from 'zod';
import type { ActContext } from '../../domain/act.ts';
import { parseJson } from '../../domain/parse-json.ts';
import type { Claim, Goal } from '../../domain/target.ts';
import { act } from './act.ts';
import type { Current } from './current.ts';
import type { NextStep } from './decide.ts';
import { historyMax } from './history.ts';
import { requireSameInputs } from './inputs.ts';
import { markArgs } from './marks.ts';
import { upgradeCall } from './render.ts';
import type { Scope } from './scope.ts';

/** Under the operation's own claim; see `act` for what is thrown. */
export async function takeStep(
  scope: Scope,
  next: Exclude<NextStep, { do: 'watch' | 'stop' }>,
  goal: Goal,
  claim: Claim,
  current: Current,
  context: ActContext,
): Promise<void> {
  const { release, hooksOnRollback } = scope.settings;
  const kept = ['--history-max', String(historyMax(current.history, oldestPoint(goal, claim)))];
  if (next.do === 'upgrade') {
    await requireSameInputs(scope, claim, goal.pins);
    const { args, input } = await upgradeCall(scope, goal.pins);
    const marks = markArgs(claim, current.last.revision + 1);
    const force = await conflictArgs(scope, current.last.revision, context.signal);
    const doing = `upgrading release ${release}`;
    await act(
      scope,
      claim,
      { args: [...args, ...force, ...kept, ...marks], input, doing },
      context,
    );
    return;
  }
  // Nobody knows which hooks the killed helm had run: on the way out of that, none are run again.
  const hooks = next.do === 'rollback' && hooksOnRollback ? [] : ['--no-hooks'];
  const force = await conflictArgs(scope, next.revision, context.signal);
  const args = ['rollback', release, String(next.revision), ...hooks, ...force, ...kept];
  const doing = `taking release ${release} back to revision ${next.revision}`;
  await act(scope, claim, { args, doing }, context);
}

function oldestPoint({ point }: Goal, { fromPoint, toPoint }: Claim): number {
  const points = [point, fromPoint, toPoint].flatMap((each) => (each ? [each.revision] : []));
  return points.length === 0 ? Infinity : Math.min(...points);
}

const metadataSchema = z.object({ applyMethod: z.string().optional() });

/**
 * Helm 4 has the API server apply, which refuses to change a field that someone else changed meanwhile; a way back must not
 * fail for that. Beforehand such an edit is drift, which is refused unless accepted. `revision`: the one whose way of
 * applying helm keeps to.
 */
export async function conflictArgs(
  { helm, settings }: Scope,
  revision: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if ((await helm.version()).startsWith('3.')) return [];
  const where = [settings.release, '--revision', String(revision)];
  const { exitCode, stdout } = await helm.read(['get', 'metadata', ...where, '--output', 'json'], {
    signal,
  });
  if (exitCode !== 0) return [];
  const metadata = metadataSchema.safeParse(parseJson(stdout));
  return metadata.data?.applyMethod === 'ssa' ? ['--force-conflicts'] : [];
}
