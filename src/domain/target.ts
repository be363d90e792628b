/**
 * What belay sees of a target and asks of it, as data.
 */

/** What one component should run. */
export interface Pin {
  /** `repository:tag`. */
  readonly reference: string;
  /** The image's ID (config digest, `sha256:…`): the identity that is compared with what runs. */
  readonly imageId: string;
  /** The registry's manifest digest (`sha256:…`) when it came from a registry. */
  readonly digest?: string;
}

/** component → what it should run. */
export type Pins = Readonly<Record<string, Pin>>;

/** Where images come from. */
export type ImageSource =
  { readonly from: 'registry' } | { readonly from: 'bundle'; readonly path: string };

/** One container, pod or the like that runs a component. */
export interface Instance {
  readonly id: string;
  readonly name: string;
  readonly state:
    'created' | 'running' | 'restarting' | 'paused' | 'exited' | 'dead' | 'removing' | 'unknown';
  readonly imageId: string;
  /** The image reference it was created from. */
  readonly reference: string;
  readonly restarts: number;
  /** ISO time, or undefined when it never started. */
  readonly startedAt?: string;
  /** ISO time at which it was created. */
  readonly createdAt: string;
  readonly exitCode?: number;
  /** The runtime's own health check, when it has one. */
  readonly health?: 'starting' | 'healthy' | 'unhealthy';
  /** Labels of the instance, its image's among them; only for `version: {label: …}`. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What the files declare and what runs, of one component. */
export interface ObservedComponent {
  /** Reference that the files declare now. */
  readonly declared: string;
  readonly instances: readonly Instance[];
  /** Why a swap would ship more than was planned (someone edited the files since), or undefined. */
  readonly drift?: string;
}

/** What belay saw at one moment. */
export interface Observed {
  /** Identity of the container engine or cluster, and of the machine: acts verify both. */
  readonly engineId: string;
  readonly machineId: string;
  /** Versions of the tools, for the plan and the evidence. */
  readonly tools: Readonly<Record<string, string>>;
  /** The engine's platform, `linux/amd64`. */
  readonly platform: string;
  readonly components: Readonly<Record<string, ObservedComponent>>;
  /** When the engine itself started (ISO), so that restarts which it caused don't count. */
  readonly engineStartedAt?: string;
}

/** A quick look at what runs. */
export interface Look {
  /** component → its instances, stopped ones included. */
  readonly instances: Readonly<Record<string, readonly Instance[]>>;
  /** When the engine itself started (ISO), where it is known. */
  readonly engineStartedAt?: string;
}

/** An image as a registry or a bundle offers it. */
export interface AvailableImage {
  readonly reference: string;
  readonly imageId: string;
  readonly digest?: string;
  readonly platform: string;
  /** Bytes to transfer that are not here yet; compressed. */
  readonly transferBytes: number;
  /** Whether an image with this ID is in the local store already. */
  readonly present: boolean;
}

/** One edit or command that a swap would make. */
export type Change =
  | {
      readonly kind: 'edit';
      /** Path relative to the project. */
      readonly file: string;
      /** Unified diff of the changed lines only; secrets masked. */
      readonly diff: string;
    }
  | { readonly kind: 'command'; readonly argv: readonly string[]; readonly effect: string };

/** Progress of a long act: what is shown to whoever watches. */
export interface Progress {
  readonly step: string;
  readonly doneBytes?: number;
  readonly totalBytes?: number;
  readonly detail?: string;
}

/** One captured piece of evidence, kept at the site. */
export interface Evidence {
  readonly name: string;
  /** Absolute path at the site. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A program that an act started and that may have outlived its worker. */
export interface RecordedChild {
  /** Process group. */
  readonly pgid: number;
  /** Start time of the group's leader in clock ticks since boot, from /proc: tells a reused PID. */
  readonly startTicks: string;
  readonly program: string;
}

/** The claim that lies beside a deployment while an operation is open on it. */
export interface Claim {
  readonly deployment: string;
  readonly operation: 'upgrade' | 'rollback';
  /** `<cluster id>/<namespace>` of the Temporal that runs it. */
  readonly engine: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly planDigest: string;
  readonly fromVersion: string;
  readonly toVersion: string;
  readonly fromPins: Pins;
  readonly toPins: Pins;
  readonly startedAt: string;
  /** The last backup taken under this claim, when there is one. */
  readonly backup?: string;
  readonly children: readonly RecordedChild[];
}
