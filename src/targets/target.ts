/**
 * The one interface behind which every kind of deployment is driven. Phases never ask which kind it is.
 */
import type { ActContext, Output, Reached, RunOptions, Wanted } from '../domain/act.ts';
import type {
  AvailableImage,
  Claim,
  Evidence,
  Goal,
  ImageSource,
  Look,
  Observed,
  Pins,
  Preview,
  RecordedChild,
  Revision,
} from '../domain/target.ts';

/**
 * A target. Every act is ensure-shaped: running it twice, or after a kill in the middle, equals once.
 * Methods throw `BelayError` with the fault set (`environment` is retried by the caller).
 */
export interface Target {
  /**
   * Identity of the container engine (or cluster) and of the machine; cheap. Every act verifies it against the plan, so
   * that two hosts that call themselves one site can't swap each other's containers.
   */
  identity(): Promise<{ readonly engineId: string; readonly machineId: string }>;

  /** What runs and what the files declare; changes nothing. Throws `request` when the files are wrong. */
  observe(context: ActContext): Promise<Observed>;

  /**
   * What runs, by the engine's API alone: cheap enough for a sample every 500 ms (no program is spawned, no file read).
   * Throws `environment` while the engine can't be asked.
   */
  look(context: ActContext): Promise<Look>;

  /**
   * Finds the wanted images in the registry or bundle, by manifest, without downloading layers. Collects every
   * reason: throws one `request` error with all of them (not found, wrong platform, denied, bundle damaged).
   */
  locate(
    wanted: Wanted,
    source: ImageSource,
    context: ActContext,
  ): Promise<Record<string, AvailableImage>>;

  /** Pins of what runs now, for the way back. Throws `request` when nothing runs or instances differ. */
  currentPins(observed: Observed): Promise<Pins>;

  /**
   * The exact edit and commands that `swap(goal)` would make, and what is dangerous about them. Throws `request`, with
   * every reason, when it can't be made safely. `source` is where the images, and what comes with them, will be fetched
   * from; left out: what is there.
   */
  preview(goal: Goal, context: ActContext, source?: ImageSource): Promise<Preview>;

  /** The target's own history, oldest first; empty where it keeps none. */
  revisions(context: ActContext): Promise<readonly Revision[]>;

  /** References of this repository (`repository:tag`) in the local store; a guess at what may have run here. */
  localReferences(repository: string): Promise<readonly string[]>;

  /** Free bytes where images are stored, or undefined when it can't be known (remote engine). */
  freeImageBytes(): Promise<number | undefined>;

  /** Images present and identities equal to the pins; resumable. Also keeps `keep` from being pruned. */
  fetch(pins: Pins, source: ImageSource, keep: Pins, context: ActContext): Promise<void>;

  /** Writes the claim exclusively and durably. Ours already: fine. Another's: throws fault `claim`. */
  claim(claim: Claim): Promise<void>;
  /** The claim that lies there, or undefined. */
  readClaim(): Promise<Claim | undefined>;
  /** Throws fault `claim` unless the claim is there and of this run. */
  checkClaim(runId: string): Promise<void>;
  /** Replaces `from`'s run by ours in the claim, keeping pins; for unwinding what a closed run left. */
  takeOverClaim(from: Claim, runId: string): Promise<Claim>;
  /** Removes our claim; gone already: fine. */
  releaseClaim(runId: string): Promise<void>;
  /** Notes the backup in the claim, so that whoever finds it knows. */
  noteBackup(runId: string, file: string): Promise<void>;

  /** Makes the declared state and the running state equal the goal, whatever it finds. Under the claim of `runId`. */
  swap(goal: Goal, runId: string, context: ActContext): Promise<Observed>;

  /** Stops every instance of the components and keeps their state, for a restore; twice is as once. */
  stop(runId: string, context: ActContext): Promise<void>;

  /** Brings back as many instances as there were when they were stopped; nothing stopped: nothing done. */
  start(runId: string, context: ActContext): Promise<void>;

  /** Ends, or waits for, programs that an earlier attempt under this claim left behind. */
  settleChildren(children: readonly RecordedChild[], context: ActContext): Promise<void>;

  /**
   * Runs `argv` beside the component: inside its running container (`where: 'inside'`), or as a one-off container of
   * its image with the component's configuration (`where: 'one-off'`).
   */
  run(
    component: string,
    argv: readonly string[],
    where: 'inside' | 'one-off',
    options: RunOptions,
    context: ActContext,
  ): Promise<Output>;

  /**
   * Makes a URL of the application askable from here: one that leads inside (`service://NAME[:PORT]/path`) is led
   * through the target's own API, any other is answered as it is. `instance`: this one itself, where that is possible.
   * Close it when it was asked. Throws `environment` when nothing is there to lead to yet.
   */
  reach(
    url: string,
    options: { readonly instance?: string },
    context: ActContext,
  ): Promise<Reached>;

  /** Looks a variable up in the target's own environment files (`.env`); undefined when it isn't there. */
  variable(name: string): Promise<string | undefined>;

  /** Logs, inspections, events of the components into `directory` (0600, redacted); returns what was written. */
  collect(directory: string, context: ActContext): Promise<Evidence[]>;
}
