import { expect, it } from 'vitest';
import type { Inside } from '../process/inside.ts';
import { rememberSecret } from '../process/redact.ts';
import { run } from '../process/run.ts';
import { runCommand } from './run-command.ts';

const SECRET = rememberSecret('database-password');
const context = { signal: new AbortController().signal, progress: () => undefined };

/** Real programs of this machine, run as a target would. */
const oneOff: Inside = async (argv, { timeoutMs }, { signal }) => {
  const output = await run(argv, { env: { PATH: '/usr/bin:/bin' }, timeoutMs, signal });
  signal.throwIfAborted();
  return { ...output, exitCode: output.exitCode ?? -1 };
};

it('answers what the command printed', async () => {
  const argv = ['sh', '-c', 'echo applied 2 migrations'];
  expect(await runCommand(oneOff, argv, 5_000, context)).toEqual({
    output: 'applied 2 migrations',
  });
});

it('blames the release for an exit code, with the redacted end of the output', async () => {
  const argv = ['sh', '-c', 'echo migration 2019: no; echo "$0" >&2; exit 3', SECRET];
  const attempt = runCommand(oneOff, argv, 5_000, context);
  await expect(attempt).rejects.toMatchObject({ fault: 'release', code: 'migrate-command-failed' });
  await expect(attempt).rejects.toThrow(/exit code 3: migration 2019: no\n+\*\*\*$/);
  await expect(attempt).rejects.not.toThrow(SECRET);
});

it('ends it at its time limit', async () => {
  const attempt = runCommand(oneOff, ['sleep', '60'], 200, context);
  await expect(attempt).rejects.toMatchObject({ fault: 'release', code: 'migrate-timeout' });
});

it('stops with its context', async () => {
  const abort = new AbortController();
  const waiting = runCommand(oneOff, ['sleep', '60'], 60_000, { ...context, signal: abort.signal });
  setTimeout(() => abort.abort(new Error('stop it')), 100);
  await expect(waiting).rejects.toThrow('stop it');
});
