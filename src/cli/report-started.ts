/**
 * Says where an operation that was started can be watched.
 */
import type { Started } from '../client/start.ts';
import type { Output } from './output.ts';
import { uiLink } from './with-engine.ts';
import type { Connected } from './with-engine.ts';

/** With `--detach` this is the command's whole answer; otherwise only the link is said. */
export function reportStarted(
  { engine }: Connected,
  { workflowId, runId }: Started,
  detached: boolean,
  output: Output,
): void {
  const ui = uiLink(engine, workflowId, runId);
  if (ui) output.say(output.style('dim', ui));
  if (!detached) return;
  const name = workflowId.slice(workflowId.indexOf('/') + 1);
  output.say(`started; look at it with: belay status ${name} --watch`);
  output.answer({ started: { workflowId, runId, ...(ui && { ui }) } });
}
