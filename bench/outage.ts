/** One question to the health endpoint. Times are in milliseconds on one clock that never jumps. */
export interface Probe {
  readonly sentAtMs: number;
  /** When the answer was complete, or the attempt was given up. */
  readonly endedAtMs: number;
  /** The version of a healthy answer; undefined when there was none, or another one. */
  readonly version: string | undefined;
}

/** The longest time without a healthy answer. */
export interface Outage {
  /** From the last healthy answer before it to the first after it. */
  readonly gapMs: number;
  /** From the first question that stayed without a healthy answer to the first healthy answer. */
  readonly recoveryMs: number;
  /** The versions that answered last before it and first after it. */
  readonly before: string;
  readonly after: string;
}

/**
 * The longest outage that the probes saw. Answers count in the order in which they came, because the
 * probes overlap: one that hangs says nothing about the next.
 *
 * @throws Error when fewer than two probes had a healthy answer.
 */
export function longestOutage(probes: readonly Probe[]): Outage {
  const healthy = probes.filter(isHealthy).sort((a, b) => a.endedAtMs - b.endedAtMs);
  let longest: readonly [Healthy, Healthy] | undefined;
  for (const [index, after] of healthy.entries()) {
    const before = healthy[index - 1];
    if (before && (!longest || gapOf([before, after]) > gapOf(longest))) longest = [before, after];
  }
  if (!longest) throw new Error(`only ${healthy.length} of ${probes.length} probes were answered`);
  const [before, after] = longest;
  const failed = probes
    .filter((probe) => !isHealthy(probe))
    .filter(({ endedAtMs }) => endedAtMs > before.endedAtMs && endedAtMs <= after.endedAtMs)
    .map(({ sentAtMs }) => Math.max(sentAtMs, before.endedAtMs));
  return {
    gapMs: gapOf(longest),
    recoveryMs: after.endedAtMs - Math.min(after.endedAtMs, ...failed),
    before: before.version,
    after: after.version,
  };
}

type Healthy = Probe & { readonly version: string };

function isHealthy(probe: Probe): probe is Healthy {
  return probe.version !== undefined;
}

function gapOf([before, after]: readonly [Healthy, Healthy]): number {
  return after.endedAtMs - before.endedAtMs;
}
