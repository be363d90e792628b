/**
 * Progress for logs and pipes: one line per change, never the same twice.
 */
import type { TimelineEntry } from '../../domain/operation.ts';
import type { View } from '../../client/view.ts';

/** Lines that `view` adds to what `previous` has shown. */
export function changedLines(previous: View | undefined, view: View): string[] {
  return [
    ...newEntries(previous?.status?.timeline ?? [], view.status?.timeline ?? []).map(timelineLine),
    ...newSteps(previous, view),
    ...newFailures(previous, view),
    ...(view.open && view.workerAway && previous?.workerAway !== true
      ? ['no worker answers: the operation goes on when one is back (belay up)']
      : []),
  ];
}

/** `04:12:03Z fetch      fetching 1 image`. */
export function timelineLine({ at, phase, text }: TimelineEntry): string {
  return `${at.slice(11, 19)}Z ${phase.padEnd(10)} ${text}`;
}

/** Old entries fall off a long timeline's beginning: what was shown is found by its last entry. */
function newEntries(
  before: readonly TimelineEntry[],
  after: readonly TimelineEntry[],
): readonly TimelineEntry[] {
  const last = before.at(-1);
  if (!last) return after;
  const index = after.findLastIndex(
    (entry) => entry.at === last.at && entry.text === last.text && entry.phase === last.phase,
  );
  return after.slice(index + 1);
}

function newSteps(previous: View | undefined, view: View): string[] {
  const shown = new Set(previous?.pending.flatMap(stepsOf));
  return view.pending.flatMap(stepsOf).filter((step) => !shown.has(step));
}

function stepsOf({ heartbeat }: View['pending'][number]): string[] {
  return [
    ...(heartbeat?.progress ? [`  ${heartbeat.progress.step}`] : []),
    ...(heartbeat?.waitingOn ? [`  waiting for ${heartbeat.waitingOn}`] : []),
  ];
}

function newFailures(previous: View | undefined, view: View): string[] {
  return view.pending.flatMap(({ name, attempt, lastFailure }) => {
    const before = previous?.pending.find((activity) => activity.name === name)?.attempt ?? 1;
    return attempt > before && lastFailure
      ? [`  ${name}, attempt ${attempt}: ${lastFailure.split('\n', 1)[0] ?? ''}`]
      : [];
  });
}
