/**
 * What the activities are made from. The worker (composition root) fills it in; tests may fill it with fakes.
 */
import type { Backup } from '../backup/backup.ts';
import type { Deployment, Release } from '../domain/deployment.ts';
import type { ActContext, Target } from '../targets/target.ts';

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

/** The migrations of one deployment, whichever way they run. */
export interface Migrations {
  /** Versions in the ledger; undefined when the deployment names none. Throws `request` when it can't be read. */
  applied(context: ActContext): Promise<readonly number[] | undefined>;
  /**
   * Runs the migrations, or waits until the application has. `wanted`: what the ledger must hold in the end;
   * `trouble` says why waiting is in vain (the container exited). Answers a sentence for the story.
   */
  run(
    wanted: readonly number[] | undefined,
    trouble: () => Promise<string | undefined>,
    context: ActContext,
  ): Promise<string>;
  /** Waits for, then ends, what an interrupted migration left running in the database; says what it ended. */
  quiesce(sinceIso: string, context: ActContext): Promise<readonly string[]>;
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
