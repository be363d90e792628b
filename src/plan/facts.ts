/**
 * Everything that a plan depends on, as data. What could not be found out is left out, because its probe refused: the
 * reasons are then among `probeRefusals`.
 */
import type { Deployment, Release } from '../domain/deployment.ts';
import type { Refusal } from '../domain/errors.ts';
import type { HealthAnswer } from '../domain/judge.ts';
import type { HistoryLine } from '../domain/record.ts';
import type {
  AvailableImage,
  Change,
  Claim,
  Hazard,
  ImageSource,
  Observed,
  Pins,
  Revision,
} from '../domain/target.ts';

/** The members of upgrade and rollback requests that matter for a plan. */
interface PlannedRequest {
  readonly deployment: string;
  /** For an upgrade always given. */
  readonly to?: string;
  /** A rollback's, instead of a version. */
  readonly toRevision?: number;
  readonly bundle?: string;
  /** Refuse unless the plan has this digest. */
  readonly planDigest?: string;
  readonly evenIfUnhealthy?: boolean;
  /** Names of hazards that are accepted. */
  readonly accept?: readonly string[];
  /** Milliseconds; overrides the deployment's. */
  readonly soak?: number;
}

/** Room on the disks. What can't be known (a remote engine) is left out and not checked. */
interface DiskFacts {
  /** Where the engine stores images. */
  readonly images?: { readonly freeBytes: number };
  /** The backup directory; `needBytes` is the database's size unless it is better known. */
  readonly backup?: {
    readonly directory: string;
    readonly freeBytes: number;
    readonly needBytes?: number;
  };
}

/** The database that is backed up. */
interface PlannedDatabase {
  readonly serverVersion: string;
  readonly sizeBytes: number;
  /** Versions in the ledger; left out when the deployment names none. */
  readonly ledger?: readonly number[];
}

/** What was observed, and what was asked. JSON all through: it travels between a site and the control queue. */
export interface PlanFacts {
  readonly deployment: Deployment;
  readonly request: PlannedRequest;
  readonly source: ImageSource;
  readonly observed?: Observed;
  /** Version that the running application reports. */
  readonly runningVersion?: string;
  /** Why it could not be read; no refusal by itself, for a sick deployment may be upgraded where that was asked. */
  readonly versionUnreadable?: string;
  /** Release file of the version that is wanted. */
  readonly release?: Release;
  /** Release file of the version that is left; a rollback reads there what its migrations did. */
  readonly leaving?: Release;
  /** Component → its image in the registry or bundle. */
  readonly available?: Readonly<Record<string, AvailableImage>>;
  /** Stamp of the record that tells `available`, where no registry or bundle does. */
  readonly recordedAt?: string;
  /** What runs now, for the way back. */
  readonly fromPins?: Pins;
  /** What the swap would edit and run. */
  readonly changes?: readonly Change[];
  /** What is dangerous about that. */
  readonly hazards?: readonly Hazard[];
  /** What the target says about it, for an approver. */
  readonly previewNotes?: readonly string[];
  /** The target's own history, oldest first; only for a rollback. */
  readonly revisions?: readonly Revision[];
  readonly disk?: DiskFacts;
  readonly database?: PlannedDatabase;
  /** The health URL's answer before anything changes. */
  readonly healthBefore?: HealthAnswer;
  /** The deployment's history, oldest first. */
  readonly history?: readonly HistoryLine[];
  /** The recorded previous version. */
  readonly previous?: string;
  /** Versions whose images lie in the local store, for a rollback without records. */
  readonly localVersions?: readonly string[];
  /** The claim that lies beside the deployment. */
  readonly claim?: Claim;
  /** Gap that an earlier operation of this deployment was measured to have (ms). */
  readonly lastDowntimeMs?: number;
  /** Reasons that the probes found; none is lost. */
  readonly probeRefusals: readonly Refusal[];
}
