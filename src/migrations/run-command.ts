import type { ActContext } from '../domain/act.ts';
import { failure } from '../domain/errors.ts';
import type { Inside } from '../process/inside.ts';
import { redact } from '../process/redact.ts';

/** How much of the output goes into an error (characters, from the end). */
const TAIL = 2_000;

/** What the command printed, redacted. */
export interface CommandResult {
  /** The end of its output. */
  readonly output: string;
}

/**
 * Runs the migrations by a command in a container of its own.
 *
 * @param oneOff - `Target.run` bound to the component, `one-off`.
 * @throws BelayError `release`, `migrate-command-failed`, when its exit code is not 0.
 */
export async function runCommand(
  oneOff: Inside,
  argv: readonly string[],
  timeoutMs: number,
  context: ActContext,
): Promise<CommandResult> {
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([context.signal, limit]);
  // A deployment file may have a secret in its argv, though it should not.
  const command = redact(argv.join(' '));
  context.progress({ step: 'migrate', detail: `running ${command}` });
  try {
    const { exitCode, stdout, stderr } = await oneOff(
      argv,
      { timeoutMs },
      { progress: context.progress, signal },
    );
    signal.throwIfAborted();
    const output = redact(`${stdout}\n${stderr}`.trim()).slice(-TAIL);
    if (exitCode === 0) return { output };
    throw failure(
      'release',
      'migrate-command-failed',
      `the migration command ${command} ended with exit code ${exitCode}: ${output}`,
      'the release is taken back; correct its migration',
    );
  } catch (error) {
    context.signal.throwIfAborted();
    if (!limit.aborted) throw error;
    throw failure(
      'release',
      'migrate-timeout',
      `the migration command ${command} did not end within ${timeoutMs / 1000} s and was ended`,
      'the release is taken back; raise migrate.timeout if the migration needs longer',
      error,
    );
  }
}
