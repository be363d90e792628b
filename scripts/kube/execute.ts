import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Runs a program to its end.
 *
 * @throws Error with what it printed when it fails, does not exist or takes longer than a minute.
 */
export async function execute(program: string, ...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      timeout: 60_000,
      maxBuffer: 16_000_000,
    });
    return stdout;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${program} ${args.join(' ')} failed: ${said}`, { cause });
  }
}
