/**
 * The images of a version by belay's own records: for going back to a point that needs no registry but to be told by it.
 */
import type { Wanted } from '../domain/act.ts';
import { BelayError } from '../domain/errors.ts';
import { parseJson } from '../domain/parse-json.ts';
import type { HistoryLine } from '../domain/record.ts';
import type { AvailableImage } from '../domain/target.ts';

/** No registry answers, or no image was ever brought to one. */
const UNTOLD: readonly string[] = ['registry-unreachable', 'bundle-needed'];

/** Whether it failed because no registry tells what the images are; one that says no has told. */
export function isUntold(error: unknown): boolean {
  return error instanceof BelayError && error.refusals.every(({ code }) => UNTOLD.includes(code));
}

/** A line of the history whose operation saw the version run, and where it kept what it knew. */
export interface Witness {
  /** `YYYYMMDDTHHMMSS`, UTC. */
  readonly stamp: string;
  /** The operation's Temporal history, which has its plan. */
  readonly file: string;
}

/** Newest first. What was left had run; what was gone to is only known to have where it was proven. */
export function witnessesOf(version: string, history: readonly HistoryLine[]): Witness[] {
  return history
    .filter(
      ({ kind, from, to }) =>
        from === version || (to === version && (kind === 'success' || kind === 'rollback')),
    )
    .map(({ stamp, log }) => ({ stamp, file: log.replace(/\.log$/, '.history.json') }))
    .toReversed();
}

/**
 * The images of `version` by the plan in an operation's history; undefined unless it tells every one that is wanted. No
 * digest is given: the identity is what the nodes report, which is no registry's digest where images were imported.
 */
export function recordedImages(
  historyText: string,
  wanted: Wanted,
  version: string,
  platform: string,
): Record<string, AvailableImage> | undefined {
  const plan = inputsOf(historyText)
    .map((input) => member(input, 'plan'))
    .find((each) => each !== undefined);
  const side =
    member(plan, 'fromVersion') === version
      ? 'fromPins'
      : member(plan, 'toVersion') === version
        ? 'toPins'
        : undefined;
  if (side === undefined) return undefined;
  const found = Object.entries(wanted).flatMap(([component, { reference }]) => {
    const pin = member(member(plan, side), component);
    const imageId = member(pin, 'imageId');
    const isIt = member(pin, 'reference') === reference && typeof imageId === 'string';
    return isIt && imageId !== ''
      ? [[component, { reference, imageId, platform, transferBytes: 0, present: false }] as const]
      : [];
  });
  return found.length === Object.keys(wanted).length ? Object.fromEntries(found) : undefined;
}

/** First inputs of the activities, in order; undefined for what is no JSON. */
function inputsOf(historyText: string): unknown[] {
  const events = member(parseJson(historyText), 'events');
  if (!Array.isArray(events)) return [];
  return events.map((event: unknown) => {
    const input = member(member(event, 'activityTaskScheduledEventAttributes'), 'input');
    const data = member(member(member(input, 'payloads'), '0'), 'data');
    return typeof data === 'string'
      ? parseJson(Buffer.from(data, 'base64').toString('utf8'))
      : undefined;
  });
}

/** What a record of this or an older version, or of nobody's, has under this name. */
function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}
