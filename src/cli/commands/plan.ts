/**
 * `belay plan NAME --to V`: what an upgrade would do. Changes nothing.
 */
import { resolve } from 'node:path';
import { EXIT, Interrupted } from '../exit-codes.ts';
import { loadNamed } from '../load-named.ts';
import type { EngineOptions } from '../options.ts';
import { acceptOption, checkText } from '../options.ts';
import { reasonLines } from '../output.ts';
import type { Output } from '../output.ts';
import { withEngine } from '../with-engine.ts';

/** A plan without an answer for this long makes people wonder. */
const PATIENCE_MS = 5_000;

/** Options of the command. */
export interface PlanOptions extends EngineOptions {
  readonly to: string;
  readonly bundle?: string;
  readonly evenIfUnhealthy?: boolean;
  readonly accept?: readonly string[];
}

/** Prints the plan, or every reason why there is none (exit 5). */
export async function plan(name: string, options: PlanOptions, output: Output): Promise<number> {
  checkText('--to', options.to);
  checkText('--bundle', options.bundle);
  await loadNamed(name);
  const { to, bundle, evenIfUnhealthy } = options;
  const answer = await withEngine(options, output, async ({ client }) => {
    const { requestPlan } = await import('../../client/request-plan.ts');
    const controller = new AbortController();
    process.once('SIGINT', () => controller.abort(new Interrupted()));
    const wonder = setTimeout(
      () => output.note('no answer yet: is a worker running? (belay doctor)'),
      PATIENCE_MS,
    );
    try {
      const request = {
        deployment: name,
        to,
        ...(bundle !== undefined && { bundle: resolve(bundle) }),
        ...(evenIfUnhealthy && { evenIfUnhealthy }),
        ...acceptOption(options.accept),
      };
      return await requestPlan(client, request, controller.signal);
    } catch (error) {
      controller.signal.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(wonder);
    }
  });
  if ('refused' in answer) {
    output.say(output.style('strong', `${name} can't be upgraded to ${to}:`));
    for (const line of reasonLines(answer.refused.reasons, output.style)) output.say(line);
    output.answer(answer.refused);
    return EXIT.refused;
  }
  const { renderPlan } = await import('../../plan/render-plan.ts');
  for (const line of renderPlan(answer.plan)) output.say(line);
  output.answer(answer.plan);
  return EXIT.succeeded;
}
