/**
 * `belay approve|reject|hold|resume|keep|retry|abort NAME`: a message to the open operation.
 */
import { failure } from '../../domain/errors.ts';
import type { ArgsOf, MessageName } from '../../domain/messages.ts';
import { readMessageArgs } from '../../domain/read-message-args.ts';
import { EXIT } from '../exit-codes.ts';
import type { EngineOptions } from '../options.ts';
import { checkName, defaultBy } from '../options.ts';
import type { Output } from '../output.ts';
import { withEngine } from '../with-engine.ts';
import type { Connected } from '../with-engine.ts';

/** Messages that have a command of their own name. */
export type MessageCommand = Exclude<MessageName, 'rollBack' | 'restore'>;

/** Options of these commands. */
export interface MessageOptions extends EngineOptions {
  readonly by?: string;
  readonly reason?: string;
  /** `approve` only. */
  readonly planDigest?: string;
}

/** Shortest beginning of a digest that is taken for the whole one. */
const LEAST_DIGEST = 8;

/** Sends the message; says what happens now. Exit 2 for a missing reason, 5 when the operation does not take it. */
export async function message(
  name: string,
  command: MessageCommand,
  options: MessageOptions,
  output: Output,
): Promise<number> {
  checkName(name);
  const args = { by: options.by ?? defaultBy(), reason: options.reason ?? '' };
  const read = readMessageArgs(command, args);
  if ('refused' in read) {
    throw failure(
      'request',
      'bad-message',
      `belay ${command} ${name}: ${read.refused}`,
      'Give --by and --reason',
    );
  }
  const sent = await withEngine(options, output, async (connected) => {
    const { send } = await import('../../client/send.ts');
    if (command !== 'approve') return send(connected.client, name, command, args);
    const planDigest = await digestToApprove(connected, name, options.planDigest, output);
    const approval: ArgsOf<'approve'> = { ...args, planDigest };
    return send(connected.client, name, 'approve', approval);
  });
  output.say(`${name} ${sent.next}`);
  output.answer({ sent: { message: command, ...sent } });
  return EXIT.succeeded;
}

/** An approval names the plan that was read: without a digest the plan is shown, and nothing is approved. */
async function digestToApprove(
  { client }: Connected,
  name: string,
  given: string | undefined,
  output: Output,
): Promise<string> {
  const { look } = await import('../../client/look.ts');
  const view = await look(client, name);
  if (!view?.open) throw (await import('../../client/send.ts')).notOpen(name, 'approve');
  const plan = view.status?.plan;
  if (given !== undefined) {
    const isBeginning =
      bare(given).length >= LEAST_DIGEST && plan && bare(plan.digest).startsWith(bare(given));
    return isBeginning ? plan.digest : given;
  }
  if (!plan) {
    throw failure(
      'request',
      'no-plan',
      `The operation on ${name} has no plan yet`,
      `Wait for it: belay status ${name}`,
    );
  }
  const { renderPlan } = await import('../../plan/render-plan.ts');
  for (const line of renderPlan(plan)) output.say(line);
  throw failure(
    'request',
    'plan-digest-missing',
    'An approval names the plan that it approves',
    `If this is the plan you want: belay approve ${name} --plan-digest ${plan.digest}`,
  );
}

function bare(digest: string): string {
  return digest.replace(/^sha256:/, '');
}
