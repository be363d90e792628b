/**
 * What the health gate sees, remembers and says.
 */
import type { HealthSettings } from './deployment.ts';
import type { Instance, Pins } from './target.ts';

/** What one look at the deployment saw. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Per component, its instances; undefined when the engine could not be asked. */
  readonly instances?: Readonly<Record<string, readonly Instance[]>>;
  /** Start of the container engine (ISO): restarts at that moment are its doing. */
  readonly engineStartedAt?: string;
  /** The health answer; undefined when it was not asked (nothing runs). */
  readonly answer?: HealthAnswer;
  /** Version that the application reports; undefined when it could not be read yet. */
  readonly version?: string;
  /** Why nothing could be observed at all: the environment's fault, the clock stands still. */
  readonly unobservable?: string;
}

/** One health answer, judged by itself. */
export type HealthAnswer =
  | { readonly ok: true; readonly status: number; readonly tookMs: number }
  | { readonly ok: false; readonly why: string; readonly status?: number };

/** What the gate expects. */
export interface Expectation {
  readonly pins: Pins;
  readonly version: string;
  readonly health: Pick<
    HealthSettings,
    'consecutive' | 'timeoutMs' | 'maxRestarts' | 'intervalMs' | 'requestTimeoutMs'
  >;
}

/** What the gate remembers of one container. */
export interface SeenContainer {
  /** Restart count in the last sample. */
  readonly restarts: number;
  /** Restarts since the first sight that the container engine did not cause. */
  readonly blamed: number;
  /** Start (ISO) of the run that was last seen ended, while it stays so; `''` when it never started. */
  readonly endedRun?: string;
  /** Since when (ISO) it was healthy by the runtime's own check. */
  readonly healthySince?: string;
  /** The gate's observed time (ms) when it was first seen, while it was never ready. */
  readonly startingSinceMs?: number;
}

/** State of the gate, small enough for a heartbeat, so that a new worker goes on where the last one was. */
export interface GateState {
  /** Time in which observation was possible. */
  readonly observedMs: number;
  /** Healthy samples in a row, up to now. */
  readonly consecutive: number;
  /** When the last sample was taken, if it could observe. */
  readonly lastAtMs?: number;
  /** By container ID; those of the last sample that could observe. */
  readonly containers: Readonly<Record<string, SeenContainer>>;
  readonly engineStartedAt?: string;
  /** When the engine was last seen to have started anew (ms since the epoch). */
  readonly engineRestartedAtMs?: number;
  /** Samples that could observe. */
  readonly samples: number;
  readonly healthySamples: number;
  /** Samples in a row whose answer was good but named another version. */
  readonly wrongVersions: number;
  /** Why the last sample that was not healthy was not. */
  readonly lastReason?: string;
}

/** The verdict. `undecided` goes on; `unhealthy` is the release's fault. */
export interface Judgement {
  readonly verdict: 'healthy' | 'unhealthy' | 'undecided';
  readonly reasons: readonly string[];
  readonly observedMs: number;
  readonly samples: number;
  readonly consecutive: number;
  /** Set while nothing can be observed. */
  readonly waitingOn?: string;
}
