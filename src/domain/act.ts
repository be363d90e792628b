/**
 * What an act is given and gives back, whichever target it is on.
 */
import type { Progress } from './target.ts';

/** How an act reports and is stopped. */
export interface ActContext {
  /** Aborted on cancellation or on shutdown; an act must end its children before it rejects. */
  readonly signal: AbortSignal;
  /** Called often; the caller throttles. */
  readonly progress: (progress: Progress) => void;
}

/** Result of a one-off command. */
export interface Output {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Images that are asked for: component → reference, and the registry digest when the publisher pins it. */
export type Wanted = Readonly<
  Record<string, { readonly reference: string; readonly digest?: string }>
>;

/** Options of a command that runs beside a component. */
export interface RunOptions {
  /** Environment for the command; values may be secret: they never appear in argv. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** `inside`: this instance (its ID) and no other. Default: one that runs. */
  readonly instance?: string;
  /** Streams stdout to this absolute file (created 0600) instead of returning it. */
  readonly stdoutFile?: string;
  /** Absolute path of a file of the site that becomes the command's stdin. */
  readonly stdinFile?: string;
  /** Called with stdout's bytes so far when streaming. */
  readonly onBytes?: (bytes: number) => void;
}

/** A URL that can be asked from here for as long as it is not closed. */
export interface Reached {
  readonly url: string;
  close(): Promise<void>;
}
