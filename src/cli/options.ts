/**
 * Options that commands have in common, and what they mean.
 */
import { hostname, userInfo } from 'node:os';
import { failure } from '../domain/errors.ts';
import { whyNotName } from '../domain/names.ts';
import { parseDuration } from '../domain/quantities.ts';

/** Every command's. */
export interface CommonOptions {
  readonly json?: boolean;
}

/** Those of commands that talk to Temporal. */
export interface EngineOptions extends CommonOptions {
  readonly profile?: string;
}

/** Who asks, when nobody says: user@host, and through sudo the user who called it. */
export function defaultBy(env: NodeJS.ProcessEnv = process.env): string {
  return `${env['SUDO_USER'] || userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user ID without an entry in the password file.
    return `uid${process.getuid?.() ?? ''}`;
  }
}

/** Throws `request` unless `name` can be a deployment's. */
export function checkName(name: string): void {
  const why = whyNotName(name);
  if (why === undefined) return;
  throw failure(
    'request',
    'bad-name',
    `The deployment name ${JSON.stringify(name.slice(0, 80))} ${why}`,
    'Use the name of a deployment file, as `belay status` lists them',
  );
}

/** `5m` → milliseconds. Throws `request` for anything else. */
export function durationOption(option: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw failure(
    'request',
    'bad-duration',
    `${option} is "${text.slice(0, 80)}", which is no duration`,
    'Write a number with its unit, such as 500ms, 90s, 30m or 1h30m',
  );
}

/** Throws `request` when an option's text is blank. */
export function checkText(option: string, text: string | undefined): void {
  if (text === undefined || text.trim() !== '') return;
  throw failure(
    'request',
    'bad-option',
    `${option} is empty`,
    `Give ${option} a value, or leave it out`,
  );
}

/** `12` → 12. Throws `request` for anything but a whole number from 1. */
export function wholeOption(option: string, text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw failure(
    'request',
    'bad-option',
    `${option} is "${text.slice(0, 80)}", which is no whole number`,
    `Give ${option} a number such as 3`,
  );
}

/** The request's member, left out when nothing is accepted. Throws `request` for a name with blanks. */
export function acceptOption(names: readonly string[] = []): {
  readonly accept?: readonly string[];
} {
  for (const name of names) checkText('--accept', name);
  const blank = names.find((name) => /\s/.test(name));
  if (blank !== undefined) {
    throw failure(
      'request',
      'bad-option',
      `--accept is "${blank.slice(0, 80)}", which is no name of a danger`,
      'Repeat --accept for several names, as the refusal gives them',
    );
  }
  return names.length === 0 ? {} : { accept: names };
}
