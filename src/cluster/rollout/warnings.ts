/**
 * What a namespace's warnings say of pods that don't start: some troubles stand in no status. Pure.
 */
import type { CoreV1Event } from '@kubernetes/client-node';

/** The newest warning about the object that has one of the reasons, in its words. */
export function lastWarning(
  warnings: readonly CoreV1Event[],
  uid: string | undefined,
  reasons: readonly string[],
): string | undefined {
  const [newest] = warnings
    .filter(
      ({ involvedObject, reason = '' }) => involvedObject.uid === uid && reasons.includes(reason),
    )
    .toSorted((a, b) => timeOf(b) - timeOf(a));
  return uid === undefined ? undefined : newest?.message;
}

function timeOf({ series, lastTimestamp, eventTime, metadata }: CoreV1Event): number {
  const time = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
  return time === undefined ? 0 : new Date(time).getTime();
}
