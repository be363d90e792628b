/**
 * Looks a variable up in the project's environment files.
 */
import { environmentArgv, runCli } from './cli.ts';
import { baseOf } from './config.ts';
import { lastEntry } from './env-file.ts';
import type { Scope } from './scope.ts';

/**
 * The value as Compose would interpolate it; undefined when no environment file has it. May be secret. A value made of
 * other variables or escapes is left to Compose to resolve.
 */
export async function findVariable(scope: Scope, name: string): Promise<string | undefined> {
  const project = await scope.project();
  const entry = project.envFiles
    .map((file) => lastEntry(file, name))
    .findLast((found) => found !== undefined);
  if (!entry) return undefined;
  if (entry.notSimple === undefined) return entry.value;
  const finished = await runCli(environmentArgv(baseOf(project)), {
    cwd: project.directory,
    env: await scope.cliEnvironment(),
    timeoutMs: 30_000,
    rawStdout: true,
  });
  const prefix = `${name}=`;
  const line = finished.stdout.split('\n').find((each) => each.startsWith(prefix));
  return line?.slice(prefix.length);
}
