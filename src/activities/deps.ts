/**
 * What the activities are made from. The worker (composition root) fills it in; tests may fill it with fakes.
 */
import type { Backup } from '../backup/backup.ts';
import type { Deployment, Release } from '../domain/deployment.ts';
import type { Migrations } from '../migrations/migrations.ts';
import type { Target } from '../targets/target.ts';

/** What an activity asks Temporal itself. */
export interface TemporalLookup {
  /** `<cluster id>/<namespace>`: whose claims can be verified here. */
  readonly engine: string;
  /** Whether that run is open. A run that the server does not know is closed: its history is gone. */
  isOpen(workflowId: string, runId: string): Promise<boolean>;
  /** The history so far, as JSON that replays. */
  history(workflowId: string, runId: string): Promise<string>;
  /** How many workers poll this task queue for activities. */
  pollers(taskQueue: string): Promise<number>;
  /** Who the server says started the run, or undefined where it doesn't know. */
  startedBy(workflowId: string, runId: string): Promise<string | undefined>;
}

/** Dependencies of the activities. */
export interface ActivityDeps {
  /** Finds and parses the deployment file; throws `request` with every reason. */
  readonly loadDeployment: (name: string) => Promise<Deployment>;
  /** The release file of a version, or undefined when there is none. */
  readonly loadRelease: (deployment: Deployment, version: string) => Promise<Release | undefined>;
  readonly target: (deployment: Deployment) => Target;
  /** The backup that the deployment asks for; undefined when it says to skip it. */
  readonly backup: (deployment: Deployment, target: Target) => Backup | undefined;
  readonly migrations: (deployment: Deployment, target: Target) => Migrations;
  readonly temporal: TemporalLookup;
}
