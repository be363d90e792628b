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

/** What a target needs to know of itself; `kind` picks the implementation in the worker. */
export type TargetSettings = ComposeSettings;

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
