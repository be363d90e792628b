/**
 * The only place that spawns a program: argv arrays, no shell, own process group, time limit, redaction.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat } from 'node:fs/promises';
import type { RecordedChild } from '../domain/target.ts';
import { redact } from './redact.ts';

/** How a program is run. */
export interface RunSettings {
  readonly cwd?: string;
  /** The whole environment of the child: nothing is inherited unless given. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Text for stdin; secrets go here or in `env`, never in argv. */
  readonly input?: string;
  /** Absolute path of a file that becomes stdin, read by the program itself; not together with `input`. */
  readonly stdinFile?: string;
  /** Streams stdout into this file (created, 0600) instead of memory. */
  readonly stdoutFile?: string;
  /** stdout is returned as it is, secrets and all: for output that is parsed on the spot and never leaves its module. */
  readonly rawStdout?: boolean;
  /** Called every 500 ms with the bytes in `stdoutFile` so far. */
  readonly onBytes?: (bytes: number) => void;
  /**
   * For programs that change something: stdout and stderr go to this file (appended, 0600), never to a pipe,
   * because an orphan with a broken pipe stops half-way; and the child outlives a kill of this process.
   */
  readonly logFile?: string;
  /** Called with the child right after it was started. */
  readonly onSpawn?: (child: RecordedChild) => Promise<void>;
}

/** What came of it. With `logFile`, `stdout` is empty and `stderr` has the log's new bytes. Both are redacted. */
export interface Finished {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: 'exited' | 'timeout' | 'aborted';
}

/** More output than this in memory is cut (bytes). */
const MAX_OUTPUT = 8 * 1024 * 1024;
const KILL_AFTER_MS = 5_000;

/**
 * Runs `argv` to its end. Never throws for an exit code; throws the spawn error (`ENOENT`) as it is.
 * On abort or timeout the whole process group gets SIGTERM, after 5 s SIGKILL, and is awaited.
 */
export async function run(argv: readonly string[], settings: RunSettings): Promise<Finished> {
  const [program, ...args] = argv;
  if (program === undefined) throw new TypeError('run: argv is empty');
  settings.signal?.throwIfAborted();
  const out = settings.stdoutFile ? await open(settings.stdoutFile, 'w', 0o600) : undefined;
  const stdin = settings.stdinFile ? await open(settings.stdinFile, 'r') : undefined;
  const log = settings.logFile ? await open(settings.logFile, 'a', 0o600) : undefined;
  const logStart = log ? (await log.stat()).size : 0;
  try {
    const child = spawn(program, args, {
      cwd: settings.cwd,
      env: { ...settings.env },
      detached: true,
      stdio: [
        stdin?.fd ?? (settings.input === undefined ? 'ignore' : 'pipe'),
        log?.fd ?? out?.fd ?? 'pipe',
        log?.fd ?? 'pipe',
      ],
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    closed.catch(() => undefined);
    child.stdin?.on('error', () => undefined);
    const feed = () => child.stdin?.end(settings.input);
    // What reads its orders from stdin starts no work before it is recorded.
    if (!settings.onSpawn) feed();
    const watch = watchBytes(settings);
    const limits = enforce(child.pid, settings);
    try {
      if (child.pid !== undefined && settings.onSpawn) {
        await settings
          .onSpawn(await describeChild(child.pid, program))
          .catch(async (error: unknown) => {
            // Nobody would watch a child that could not be recorded.
            limits.end('aborted');
            await closed;
            throw error;
          });
        feed();
      }
      const [exitCode, signal] = await closed;
      const stderrText = settings.logFile ? await tail(settings.logFile, logStart) : stderr();
      return {
        exitCode,
        signal,
        stdout: settings.rawStdout ? stdout() : redact(stdout()),
        stderr: redact(stderrText),
        ended: limits.ended(),
      };
    } finally {
      limits.clear();
      clearInterval(watch);
    }
  } finally {
    await out?.close();
    await stdin?.close();
    await log?.close();
  }
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (size < MAX_OUTPUT) chunks.push(chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function enforce(pid: number | undefined, settings: RunSettings) {
  let ended: Finished['ended'] = 'exited';
  const timers: NodeJS.Timeout[] = [];
  const end = (why: Finished['ended']) => {
    if (ended !== 'exited' || pid === undefined) return;
    ended = why;
    signalGroup(pid, 'SIGTERM');
    timers.push(setTimeout(() => signalGroup(pid, 'SIGKILL'), KILL_AFTER_MS));
  };
  timers.push(setTimeout(() => end('timeout'), settings.timeoutMs));
  const onAbort = () => end('aborted');
  settings.signal?.addEventListener('abort', onAbort, { once: true });
  // It may have happened while files were opened, before anyone listened.
  if (settings.signal?.aborted) onAbort();
  return {
    end,
    ended: () => ended,
    clear: () => {
      for (const timer of timers) clearTimeout(timer);
      settings.signal?.removeEventListener('abort', onAbort);
    },
  };
}

function watchBytes(settings: RunSettings): NodeJS.Timeout | undefined {
  const { stdoutFile, onBytes } = settings;
  if (!stdoutFile || !onBytes) return undefined;
  return setInterval(() => {
    stat(stdoutFile).then(
      (found) => onBytes(found.size),
      () => undefined,
    );
  }, 500);
}

async function tail(file: string, from: number): Promise<string> {
  return (await readFile(file))
    .subarray(from)
    .subarray(-64 * 1024)
    .toString('utf8');
}

/** Signals a process group; one that is gone already is fine. */
export function signalGroup(pgid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pgid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function describeChild(pid: number, program: string): Promise<RecordedChild> {
  return { pgid: pid, startTicks: (await startTicks(pid)) ?? 'gone', program };
}

/** A process's start time in clock ticks since boot, or undefined when it is gone (or a zombie). */
export async function startTicks(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces: count fields after the last ')'.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Whether this very program still runs (not another one that got its PID). */
export async function isAlive(child: RecordedChild): Promise<boolean> {
  return (await startTicks(child.pgid)) === child.startTicks;
}
