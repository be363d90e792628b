/**
 * Brings a bundle's images to the nodes by the site's own command.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActContext } from '../domain/act.ts';
import { failure } from '../domain/errors.ts';
import { MARK, settlePrograms } from '../process/children.ts';
import { run } from '../process/run.ts';
import type { Environment } from './cluster.ts';

/** Time limit of the command (ms). */
const IMPORT_MS = 30 * 60_000;

/** What such a command needs; the worker's own secrets are not among it. */
const PASSED =
  /^(?:PATH|HOME|USER|LANG|LC_ALL|TMPDIR|KUBECONFIG|SSH_AUTH_SOCK|(?:https?|no|all)_proxy|(?:DOCKER|CONTAINERD|CRICTL)_.*)$/i;

/**
 * Runs `command`, the bundle's path as its last word. One that an earlier attempt left behind is waited for or ended first.
 *
 * @throws BelayError `import-missing` (request) when there is no such program, `import-failed` (environment).
 */
export async function importBundle(
  command: readonly string[],
  path: string,
  environment: Environment,
  { signal, progress }: ActContext,
): Promise<void> {
  const [program = ''] = command;
  const mark = `import/${path}`;
  progress({ step: 'import', detail: program });
  await settlePrograms([], mark, signal);
  const folder = await mkdtemp(join(tmpdir(), 'belay-import-'));
  const passed = Object.entries(environment).flatMap(([name, value]): [string, string][] =>
    value !== undefined && PASSED.test(name) ? [[name, value]] : [],
  );
  try {
    const { exitCode, ended, stderr } = await run([...command, path], {
      env: { ...Object.fromEntries(passed), [MARK]: mark },
      timeoutMs: IMPORT_MS,
      signal,
      logFile: join(folder, 'log'),
    });
    signal.throwIfAborted();
    if (exitCode === 0) return;
    const how = ended === 'timeout' ? 'was not done in 30 minutes' : `exited ${exitCode ?? '?'}`;
    throw failed(`${program} ${path} ${how}: ${stderr.trim().slice(-500)}`);
  } catch (error) {
    throw isMissing(error) ? missing(program, error) : error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'EACCES';
}

function missing(program: string, cause: unknown) {
  return failure(
    'request',
    'import-missing',
    `The program ${program} was not found, or may not be run, on the site’s machine`,
    'Correct import-command in the deployment file',
    cause,
  );
}

function failed(message: string) {
  return failure(
    'environment',
    'import-failed',
    message,
    'Mend what it names; belay tries again while its patience lasts',
  );
}
