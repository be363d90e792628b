/**
 * Watches an operation to its ending with live progress, and reports it.
 */
import type { View } from '../client/view.ts';
import type { Outcome } from '../domain/operation.ts';
import { exitCodeOfEnding, Interrupted } from './exit-codes.ts';
import { LiveBlock } from './live.ts';
import type { Output } from './output.ts';
import type { Connected } from './with-engine.ts';

/** What to follow. */
export interface Followed {
  readonly deployment: string;
  readonly runId: string;
}

/** Follows until the end or until it parks; Ctrl-C ends the following only. Returns the exit code. */
export async function follow(
  connected: Connected,
  followed: Followed,
  output: Output,
): Promise<number> {
  const outcome = await untilEnded(connected, followed, output);
  const { outcomeLines } = await import('./render/outcome.ts');
  for (const line of outcomeLines(outcome, output.style)) output.say(line);
  output.answer(outcome);
  return exitCodeOfEnding(outcome.outcome);
}

async function untilEnded(
  connected: Connected,
  { deployment, runId }: Followed,
  output: Output,
): Promise<Outcome> {
  const [{ watch }, onView] = await Promise.all([
    import('../client/watch.ts'),
    showProgress(output),
  ]);
  let lost = false;
  const interrupt = onInterrupt();
  try {
    return await watch({
      deployment,
      runId,
      signal: interrupt.signal,
      connect: firstly(connected.client, connected.reconnect),
      onView: (view) => {
        lost = false;
        onView(view);
      },
      onLost: () => {
        if (!lost) output.note('the engine does not answer; looking for it again…');
        lost = true;
      },
    });
  } catch (error) {
    if (error instanceof Interrupted) {
      output.note(
        `The operation goes on without being watched. Look again: belay status ${deployment} --watch`,
      );
    }
    throw error;
  } finally {
    interrupt.clear();
  }
}

/** Gives what is there at the first call, and looks for another at every later one. */
function firstly<T>(there: T, another: () => Promise<T>): () => Promise<T> {
  let isFirst = true;
  return () => {
    if (!isFirst) return another();
    isFirst = false;
    return Promise.resolve(there);
  };
}

/** A block on a terminal, lines elsewhere, nothing with `--json`. */
async function showProgress(output: Output): Promise<(view: View) => void> {
  if (output.json) return () => undefined;
  if (output.live) {
    const { progressBlock } = await import('./render/progress.ts');
    const block = new LiveBlock(output);
    return (view) => block.draw(progressBlock(view, Date.now(), output.style));
  }
  const { changedLines } = await import('./render/changes.ts');
  let previous: View | undefined;
  return (view) => {
    for (const line of changedLines(previous, view)) output.say(line);
    // A look without an answer must not make everything new again.
    previous = view.status
      ? view
      : { ...view, ...(previous?.status && { status: previous.status }) };
  };
}

/** Ctrl-C, SIGTERM or a closed terminal end the watching. */
function onInterrupt() {
  const controller = new AbortController();
  const interrupt = () => controller.abort(new Interrupted());
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, interrupt);
  return {
    signal: controller.signal,
    clear: () => {
      for (const signal of signals) process.removeListener(signal, interrupt);
    },
  };
}
