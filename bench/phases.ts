/** One line of an operation's timeline, as far as it matters here. */
export interface PhaseEntry {
  /** ISO time. */
  readonly at: string;
  readonly phase: string;
}

/** How long an operation was in a phase. */
export interface PhaseTime {
  readonly phase: string;
  readonly ms: number;
}

/** What surrounds the operation: the command that asked for it, by the same clock. */
export interface CommandTime {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/**
 * Where the time of one command went: its own start, each phase in the order in which it was first
 * entered (one that was entered again counts once, with all its time), and its own end.
 */
export function phaseTimes(timeline: readonly PhaseEntry[], command: CommandTime): PhaseTime[] {
  const times = new Map<string, number>();
  const add = (phase: string, ms: number): void => {
    times.set(phase, (times.get(phase) ?? 0) + ms);
  };
  let phase = 'command starts';
  let sinceMs = command.startedAtMs;
  for (const entry of timeline) {
    const atMs = Date.parse(entry.at);
    add(phase, atMs - sinceMs);
    phase = entry.phase === 'closed' ? 'command ends' : entry.phase;
    sinceMs = atMs;
  }
  add(phase, command.endedAtMs - sinceMs);
  return [...times].map(([name, ms]) => ({ phase: name, ms }));
}
