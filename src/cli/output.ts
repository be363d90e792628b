/**
 * Where a command writes: text for people, or one JSON object on stdout for programs.
 */
import { styleText } from 'node:util';
import { BelayError } from '../domain/errors.ts';
import type { Refusal } from '../domain/errors.ts';
import { redact } from '../process/redact.ts';
import { EXIT, exitCodeOfError, Interrupted } from './exit-codes.ts';

/** The looks that text may have; a terminal shows them, everything else gets plain text. */
export type Look = 'good' | 'bad' | 'warn' | 'dim' | 'strong';

/** Dresses text. */
export type Style = (look: Look, text: string) => string;

const FORMAT = {
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  dim: 'dim',
  strong: 'bold',
} as const;

/** Text as it is. */
export const plain: Style = (_, text) => text;

const coloured: Style = (look, text) => styleText(FORMAT[look], text, { validateStream: false });

/** What a command writes through. */
export interface Output {
  readonly json: boolean;
  /** Whether progress may be redrawn in place. */
  readonly live: boolean;
  readonly style: Style;
  readonly columns: () => number;
  /** A line for people on stdout; nothing with `--json`. */
  readonly say: (line: string) => void;
  /** A line for people on stderr, with `--json` too. */
  readonly note: (line: string) => void;
  /** The one JSON object; nothing without `--json`. */
  readonly answer: (value: unknown) => void;
  /** Text as it is on stdout, for redrawing. */
  readonly write: (text: string) => void;
}

/** The output of this process. NO_COLOR, TERM=dumb and pipes get plain text. */
export function createOutput(
  options: { readonly json?: boolean | undefined },
  env: NodeJS.ProcessEnv = process.env,
): Output {
  const json = options.json === true;
  const { stdout, stderr } = process;
  const terminal = stdout.isTTY && env['TERM'] !== 'dumb';
  const mayColour = terminal && !env['NO_COLOR'];
  return {
    json,
    live: terminal && !json,
    style: mayColour ? coloured : plain,
    columns: () => stdout.columns || 80,
    say: (line) => {
      if (!json) stdout.write(`${line}\n`);
    },
    note: (line) => {
      stderr.write(`${line}\n`);
    },
    answer: (value) => {
      if (json) stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    write: (text) => {
      stdout.write(text);
    },
  };
}

/** An error as `--json` shows it: the first reason, and all of them when there are more. */
export function errorObject(error: unknown): {
  error: Refusal & { readonly reasons?: readonly Refusal[] };
} {
  if (error instanceof BelayError) {
    const { code, message, remedy } = error.refusals[0] ?? {
      code: 'unknown',
      message: error.message,
      remedy: '',
    };
    const more = error.refusals.length > 1 ? { reasons: error.refusals } : {};
    return { error: { code, message: redact(message), remedy, ...more } };
  }
  const message = redact(error instanceof Error ? error.message : String(error));
  return { error: { code: 'internal', message, remedy: 'Look with `belay doctor`' } };
}

/** An error as people read it: every reason with what to do. */
export function errorLines(error: unknown, style: Style): string[] {
  if (error instanceof BelayError) return reasonLines(error.refusals, style);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [`${style('bad', 'belay failed:')} ${redact(text)}`];
}

/** Reasons, each with its remedy. */
export function reasonLines(reasons: readonly Refusal[], style: Style): string[] {
  return reasons.flatMap(({ message, remedy }) => [
    `${style('bad', '✗')} ${redact(message).replaceAll('\n', '\n  ')}`,
    ...(remedy ? [`  ${style('dim', `→ ${remedy}`)}`] : []),
  ]);
}

/** Reports an error in the wanted form and returns the exit code. */
export function reportError(error: unknown, output: Output): number {
  const exitCode = exitCodeOfError(error);
  if (error instanceof Interrupted) {
    output.answer({
      error: { code: 'interrupted', message: 'Interrupted', remedy: 'belay status' },
    });
    return EXIT.interrupted;
  }
  output.answer(errorObject(error));
  if (!output.json) for (const line of errorLines(error, output.style)) output.note(line);
  return exitCode;
}
