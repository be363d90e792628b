/**
 * How code that knows no target runs a program beside or inside a component: `Target.run`, bound to it.
 */
import type { Progress } from '../domain/target.ts';

/** Options of {@link Inside}; the same as a target's. */
export interface InsideOptions {
  /** Values may be secret: they never appear in argv. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Streams stdout to this absolute file of the site (created 0600) instead of returning it. */
  readonly stdoutFile?: string;
  /** Absolute path of a file of the site that becomes stdin. */
  readonly stdinFile?: string;
  /** Called with stdout's bytes so far when streaming. */
  readonly onBytes?: (bytes: number) => void;
}

/** What came of it. */
export interface InsideOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How an act reports and is stopped. */
export interface InsideContext {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/**
 * Runs `argv` to its end. Never throws for an exit code; throws `BelayError` when it could not be run at all (no
 * container, no engine), and ends the child before it rejects on abort.
 */
export type Inside = (
  argv: readonly string[],
  options: InsideOptions,
  context: InsideContext,
) => Promise<InsideOutput>;
