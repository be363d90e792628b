/**
 * Calls of helm that change the release.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ActContext } from '../../domain/act.ts';
import { failure } from '../../domain/errors.ts';
import type { Claim, RecordedChild } from '../../domain/target.ts';
import { processHost } from '../../process/host.ts';
import { helmFailure } from './failures.ts';
import { runningHooks } from './hooks.ts';
import type { Scope } from './scope.ts';
import { watchHooks, type HookTrouble } from './watch-hooks.ts';

const LOGS_KEPT = 10;
/** Helm ends itself first; then belay does (ms). */
const MARGIN_MS = 15_000;

/** One changing call. */
export interface HelmAct {
  readonly args: readonly string[];
  readonly input?: string;
  /** For messages: completes "while …". */
  readonly doing: string;
}

/**
 * Runs it to its end, noted in the claim before it can change anything. A hook that can't succeed ends it early.
 *
 * @throws BelayError by whose fault; see `helmFailure`.
 */
export async function act(
  scope: Scope,
  claim: Claim,
  { args, input, doing }: HelmAct,
  context: ActContext,
): Promise<void> {
  const { settings, helm, stateDirectory } = scope;
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  await dropOldLogs(stateDirectory);
  const hopeless = new AbortController();
  const done = new AbortController();
  let hook: HookTrouble | undefined;
  const before = await runningHooks(scope);
  const watching = watchHooks(scope, before, done.signal, context.progress, (trouble) => {
    hook = trouble;
    hopeless.abort(new Error('a hook can’t succeed'));
  });
  const limitMs = settings.timeoutMs + MARGIN_MS;
  const host = await processHost();
  const endsBy = new Date(Date.now() + limitMs).toISOString();
  let noted: RecordedChild | undefined;
  context.progress({ step: 'swap', detail: `helm ${args.slice(0, 3).join(' ')}` });
  try {
    const timeout = `${Math.ceil(settings.timeoutMs / 1_000)}s`;
    const finished = await helm.change([...args, '--timeout', timeout], {
      ...(input !== undefined && { input }),
      timeoutMs: limitMs,
      signal: AbortSignal.any([context.signal, hopeless.signal]),
      logFile: join(stateDirectory, `helm-${claim.runId.replaceAll(/[^\w-]/g, '_')}.log`),
      onSpawn: async (child) => {
        noted = { ...child, host, endsBy };
        await scope.claims().addChild(noted);
      },
    });
    context.signal.throwIfAborted();
    if (hook) throw failure(hook.fault, hook.code, hook.text, 'See the evidence: the hook’s Job');
    if (finished.exitCode !== 0) throw helmFailure(finished, doing);
  } finally {
    done.abort();
    await watching;
    if (noted) await scope.claims().removeChild(noted);
  }
}

async function dropOldLogs(folder: string): Promise<void> {
  const logs = (await readdir(folder)).filter((name) => /^helm-.*\.log$/.test(name)).sort();
  for (const name of logs.slice(0, -LOGS_KEPT)) await rm(join(folder, name), { force: true });
}
