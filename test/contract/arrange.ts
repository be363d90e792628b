/** What the tests of a target arrange: a deployment, its pins, a claim. */
import type { Claim, Goal, Pins, Point, Progress } from '../../src/domain/target.ts';
import type { ActContext } from '../../src/domain/act.ts';
import type { Target } from '../../src/targets/target.ts';

/** One deployment that runs the old version; made for one test. */
export interface Deployed {
  /** A target as a new worker would make it. */
  readonly target: () => Target;
  readonly component: string;
  /** `repository:tag` of the version that runs and of the one to come. */
  readonly from: string;
  readonly to: string;
  /** A reference that the registry does not have. */
  readonly missing: string;
  /** Version that a running instance has inside. */
  readonly serving: () => Promise<string>;
  /** Every byte of the deployment's own files, belay's claim left out. */
  readonly files: () => Promise<Readonly<Record<string, string>>>;
  /** A value that the application logs and that must not come out. */
  readonly secret: string;
  /** A command that exits 3 after printing `$WORD` and the text `out`; and one that never ends. */
  readonly printing: readonly string[];
  readonly endless: readonly string[];
  /** Whether the endless command still runs somewhere. */
  readonly isEndlessRunning: () => Promise<boolean>;
  /** Removes an image from the store of this machine; undefined where images come to nodes by themselves. */
  readonly forgetImage?: (reference: string) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

/** A context that never stops, with what was reported. */
export function quiet(signal = new AbortController().signal): ActContext & { seen: Progress[] } {
  const seen: Progress[] = [];
  return { signal, progress: (progress) => seen.push(progress), seen };
}

/** Where a plan would come from and go to. */
export interface PlannedPins {
  readonly from: Pins;
  readonly to: Pins;
  /** Where the target's own history is. */
  readonly fromPoint?: Point;
}

/** The pins from and to, as a plan would have them. */
export async function pinsOf(deployed: Deployed): Promise<PlannedPins> {
  const target = deployed.target();
  const observed = await target.observe(quiet());
  const from = await target.currentPins(observed);
  const located = await target.locate(
    { [deployed.component]: { reference: deployed.to } },
    { from: 'registry' },
    quiet(),
  );
  const found = located[deployed.component]!;
  const { reference, imageId, digest } = found;
  return {
    from,
    to: { [deployed.component]: { reference, imageId, ...(digest ? { digest } : {}) } },
    ...(observed.point && { fromPoint: observed.point }),
  };
}

/** Where a way back goes, as a plan would have it. */
export function wayBack({ from, fromPoint }: PlannedPins): Goal {
  return { pins: from, ...(fromPoint && { point: fromPoint }) };
}

/** A claim of `runId`. */
export function claimOf(runId: string, pins: PlannedPins): Claim {
  return {
    deployment: 'contract',
    operation: 'upgrade',
    engine: 'cluster/default',
    workflowId: 'deployment/contract',
    runId,
    planDigest: 'digest',
    fromVersion: '1',
    toVersion: '2',
    fromPins: pins.from,
    toPins: pins.to,
    ...(pins.fromPoint && { fromPoint: pins.fromPoint }),
    startedAt: new Date().toISOString(),
    children: [],
  };
}
