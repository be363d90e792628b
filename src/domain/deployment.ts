/**
 * One installed copy of an application, as its YAML file describes it once parsed: durations in
 * milliseconds, paths absolute, secrets still references.
 */

/** A secret is never in a file of belay's or in a payload; it is resolved at the site. */
export type SecretRef = { readonly env: string } | { readonly file: string };

/** A Compose project. Type only: workflows, planner and domain never look inside. */
export interface ComposeSettings {
  readonly kind: 'compose';
  /** Absolute project directory. */
  readonly directory: string;
  /** Compose files relative to `directory`, in order. Empty: as Compose finds them. */
  readonly files: readonly string[];
  /** `--env-file`s relative to `directory`; empty: `.env` when there is one. */
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
  /** Compose project name; undefined: as Compose resolves it. */
  readonly project?: string;
  /** Docker endpoint (`unix:///…`) or undefined for DOCKER_HOST, the current context, the default. */
  readonly dockerHost?: string;
}

/** How a cluster is reached. */
export interface ClusterAccess {
  /** Absolute path; undefined: KUBECONFIG, then the user's own, then the service account of the pod that belay runs in. */
  readonly kubeconfig?: string;
  /** Context of the kubeconfig; undefined: its current one. */
  readonly context?: string;
  readonly namespace: string;
}

/** A workload that belay runs commands in but never upgrades: a database beside the application. */
export interface NeighbourSettings {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly name: string;
  /** Undefined: the pod's first. */
  readonly container?: string;
}

/** How a rollout on a cluster is watched. */
export interface RolloutSettings {
  /** Restarts of a new pod's container after which the release counts as crash-looping. */
  readonly maxRestarts: number;
  /** How long what may be the environment's fault (registry down, no room on the nodes) may last (ms). */
  readonly graceMs: number;
  /** How long the rollout may make no progress (ms); a workload's own progress deadline counts where it is shorter. */
  readonly progressMs: number;
}

/** What both kinds of deployment on a cluster have in common. */
export interface OnCluster {
  /** Absolute folder that relative paths mean. */
  readonly directory: string;
  readonly cluster: ClusterAccess;
  /** Name → a workload beside the application's. */
  readonly neighbours: Readonly<Record<string, NeighbourSettings>>;
  readonly rollout: RolloutSettings;
  /** How images of a bundle come to the nodes; undefined: pushed to the registry that their references name. */
  readonly importCommand?: readonly string[];
}

/** Where a chart comes from. */
export type ChartSource =
  | { readonly from: 'path'; readonly path: string }
  | { readonly from: 'oci'; readonly url: string; readonly version: string }
  | {
      readonly from: 'repository';
      readonly url: string;
      readonly name: string;
      readonly version: string;
    };

/** A Helm release. Type only: workflows, planner and domain never look inside. */
export interface HelmSettings extends OnCluster {
  readonly kind: 'helm';
  readonly release: string;
  /** `{version}` in a chart's path or version stands for the version that is wanted. */
  readonly chart: ChartSource;
  /** Absolute values files, in order. */
  readonly values: readonly string[];
  /** Single values, by their dotted path; they win over the files. */
  readonly set: Readonly<Record<string, string | number | boolean>>;
  /** component → dotted path of a value → template of {version}, {tag}, {digest}, {repository}; these win over all. */
  readonly versionValues: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The program, by name or absolute path. */
  readonly program: string;
  /** Time limit of one call of the program, its hooks included (ms). */
  readonly timeoutMs: number;
  /** Whether a chart's hooks run on the way back. */
  readonly hooksOnRollback: boolean;
}

/** Workloads without Helm. */
export interface KubernetesSettings extends OnCluster {
  readonly kind: 'kubernetes';
  /** component → `kind/name` of the workloads that run its image; empty: found by the image. */
  readonly workloads: Readonly<Record<string, readonly string[]>>;
}

/** What a target needs to know of itself; `kind` picks the implementation in the worker. */
export type TargetSettings = ComposeSettings | HelmSettings | KubernetesSettings;

/** How the running application reports its version. */
export type VersionSource =
  | { readonly how: 'file'; readonly component: string; readonly path: string }
  | { readonly how: 'http'; readonly url: string; readonly jsonPath: readonly string[] }
  | { readonly how: 'label'; readonly component: string; readonly label: string }
  | { readonly how: 'command'; readonly component: string; readonly argv: readonly string[] };

/** A Postgres database that is backed up before an upgrade. */
export interface PostgresBackup {
  /** Connection URL; `env` references are looked up in the worker's environment, then in the project's `.env`. */
  readonly url: SecretRef;
  /** The component in whose container the tools run; undefined: the site's own tools of the server's major version. */
  readonly component?: string;
  /** Absolute directory for the backups. */
  readonly directory: string;
  /** How many backups to keep (of this deployment, newest first); at least 1. */
  readonly keep: number;
  readonly timeoutMs: number;
}

/** Backups are skipped only where the deployment says so, with a reason that the plan shows. */
export type BackupSettings = { readonly postgres: PostgresBackup } | { readonly skip: string };

/** How the new version's migrations run. */
export type MigrateSettings =
  | { readonly how: 'none' }
  | { readonly how: 'startup'; readonly ledger: string; readonly timeoutMs: number }
  | {
      readonly how: 'http';
      readonly url: string;
      readonly method: string;
      readonly headers: Readonly<Record<string, string | SecretRef>>;
      readonly timeoutMs: number;
    }
  | {
      readonly how: 'command';
      readonly component: string;
      readonly argv: readonly string[];
      readonly timeoutMs: number;
    };

/** The health gate. */
export interface HealthSettings {
  readonly url: string;
  /** Every key must be in the JSON answer with this value; `{}` asks for any 2xx JSON or text. */
  readonly expect: Readonly<Record<string, string | number | boolean>>;
  /** How long the release has to become healthy, counted only while observation is possible. */
  readonly timeoutMs: number;
  /** Healthy answers in a row that are needed. */
  readonly consecutive: number;
  readonly intervalMs: number;
  /** One probe's own time limit. */
  readonly requestTimeoutMs: number;
  /** Restarts of a container, not caused by the daemon, after which it counts as a loop. */
  readonly maxRestarts: number;
}

/** A nightly interval in which changes may begin. */
export interface WindowSettings {
  /** `HH:MM`. */
  readonly from: string;
  /** `HH:MM`; earlier than `from` means the next day. */
  readonly to: string;
  /** IANA time zone. */
  readonly timeZone: string;
}

/** What happens when a release is bad. */
export interface RollbackSettings {
  readonly onFailure: 'automatic' | 'park';
  readonly restoreDatabase: 'never';
  /** The health gate's time limit for the old version. */
  readonly timeoutMs: number;
}

/** Files kept beside the deployment (absolute). */
export interface RecordSettings {
  readonly history: string;
  readonly previous: string;
}

/** One upgradable unit. */
export interface ComponentSettings {
  /** Repository without tag, e.g. `127.0.0.1:5000/atlasai/tenant-plane`. */
  readonly image: string;
  /** Tag as a template; `{version}` by default. */
  readonly tag: string;
}

/** A parsed deployment file. */
export interface Deployment {
  readonly name: string;
  /** Absolute path of the file that it came from. */
  readonly file: string;
  /** sha256 of the file's bytes. */
  readonly fileDigest: string;
  readonly tenant?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly site: string;
  readonly target: TargetSettings;
  readonly components: Readonly<Record<string, ComponentSettings>>;
  readonly version: VersionSource;
  readonly backup: BackupSettings;
  readonly migrate: MigrateSettings;
  readonly health: HealthSettings;
  /** How long a healthy release is watched before it is settled; 0: not at all. */
  readonly soakMs: number;
  readonly approval: boolean;
  readonly window?: WindowSettings;
  readonly rollback: RollbackSettings;
  readonly records: RecordSettings;
  /** Absolute directory of operation logs and evidence. */
  readonly logs: string;
  /** Absolute directory of release files `<version>.yaml`; undefined: none. */
  readonly releases?: string;
  /** Absolute directories in which bundles named by a request may lie; empty: none allowed. */
  readonly bundles: readonly string[];
  /** How long the environment may keep an operation waiting. */
  readonly patienceMs: number;
}

/** Whether a migration leaves the old version working. `unknown` is never treated as additive. */
export type MigrationKind = 'additive' | 'breaking' | 'unknown';

/** A version with what it needs (`releases/<version>.yaml`). */
export interface Release {
  readonly version: string;
  /** Semver range of versions it may be reached from. */
  readonly from?: string;
  readonly migrations: readonly {
    readonly version: number;
    readonly name?: string;
    readonly kind: MigrationKind;
  }[];
  /** Registry digest per component, when the publisher pins it. */
  readonly digests: Readonly<Record<string, string>>;
}
