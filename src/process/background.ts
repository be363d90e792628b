/**
 * Programs that go on beside this process: a server that it supervises, or one that outlives it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { RecordedChild } from '../domain/target.ts';
import { startTicks } from './run.ts';

/** How a background program is started. */
export interface BackgroundSettings {
  readonly cwd: string;
  /** The whole environment of the child: nothing is inherited unless given. */
  readonly env: Readonly<Record<string, string>>;
  /** stdout and stderr are appended to this file (created 0600): never a pipe, which would break with us. */
  readonly logFile: string;
  /** `true`: this process may exit while the child runs on. */
  readonly outlivesUs: boolean;
}

/** A program that was started. */
export interface Background {
  readonly child: RecordedChild;
  /** Resolves, never rejects, when it has ended. */
  readonly ended: Promise<{
    readonly exitCode: number | null;
    readonly signal: NodeJS.Signals | null;
  }>;
}

/** Starts `argv` in its own process group. Throws the spawn error (`ENOENT`) as it is. */
export async function startBackground(
  argv: readonly string[],
  settings: BackgroundSettings,
): Promise<Background> {
  const [program, ...args] = argv;
  if (program === undefined) throw new TypeError('startBackground: argv is empty');
  const log = await open(settings.logFile, 'a', 0o600);
  try {
    const child = spawn(program, args, {
      cwd: settings.cwd,
      env: { ...settings.env },
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const ended = exited.then(
      ([exitCode, signal]) => ({ exitCode, signal }),
      () => ({ exitCode: null, signal: null }),
    );
    await once(child, 'spawn');
    if (settings.outlivesUs) child.unref();
    const pid = child.pid ?? 0;
    return { child: { pgid: pid, startTicks: (await startTicks(pid)) ?? 'gone', program }, ended };
  } finally {
    await log.close();
  }
}
