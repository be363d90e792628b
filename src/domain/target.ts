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

/** A recorded state in a target's own history: a release's revision, a workload's. Compose projects keep none. */
export interface Point {
  readonly revision: number;
  /** The newest entry of that history, where it is a later one that never served: an attempt that failed. */
  readonly newest?: number;
  /** Per object, where objects count their own revisions: `kind/name` → revision. */
  readonly objects?: Readonly<Record<string, number>>;
}

/** What a swap makes: the pins, and the point of the target's own history to go back to, where it has it. */
export interface Goal {
  readonly pins: Pins;
  readonly point?: Point;
}

/** One entry of a target's own history. */
export interface Revision extends Point {
  /** ISO time. */
  readonly at: string;
  /** In the target's words: `deployed`, `superseded`, `failed`. */
  readonly status: string;
  /** Whether it is one that served, and can be gone back to. */
  readonly usable: boolean;
  readonly description: string;
  /** component → the reference that it declares. */
  readonly references: Readonly<Record<string, string>>;
}

/** Something dangerous that a person may accept by its name; refused otherwise. */
export interface Hazard {
  /** Stable and without blanks: `remove:PersistentVolumeClaim/data`. */
  readonly name: string;
  /** What would happen, and why that is dangerous. */
  readonly message: string;
  /** What else can be done than to accept it. */
  readonly remedy: string;
}

/** What a swap would do, decided beforehand. */
export interface Preview {
  readonly changes: readonly Change[];
  readonly hazards: readonly Hazard[];
  /** What an approver should read: what will restart, what can't be compared. */
  readonly notes: readonly string[];
}

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
  /** ISO time since when `health` is what it is, where it is known: an answer that changed in between shows. */
  readonly healthSince?: string;
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
  /** The oldest versions of tools that the target can work with. */
  readonly leastTools: Readonly<Record<string, string>>;
  /** The engine's platform, `linux/amd64`; empty where it is not known, or its nodes are of several. */
  readonly platform: string;
  readonly components: Readonly<Record<string, ObservedComponent>>;
  /** Where it is in the target's own history. */
  readonly point?: Point;
  /** What an operator must accept before anything is changed here: drift, other managers. */
  readonly hazards?: readonly Hazard[];
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
      /** Path relative to the project, or the object (`Deployment/web`). */
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
  /** Where it runs, when the claim is not on that machine: a process of another host can't be looked at. */
  readonly host?: string;
  /** ISO time after which it has ended by its own time limit, whatever became of its host. */
  readonly endsBy?: string;
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
  /** The points of the target's own history that are left and gone to. */
  readonly fromPoint?: Point;
  readonly toPoint?: Point;
  readonly startedAt: string;
  /** The last backup taken under this claim, when there is one. */
  readonly backup?: string;
  readonly children: readonly RecordedChild[];
}
