/** What the parts of one operation's run share. */
import { ApplicationFailure, CancelledFailure, condition } from '@temporalio/workflow';
import type { Fault, Refusal } from '../domain/errors.ts';
import type { Ending, Phase } from '../domain/operation.ts';
import type { controlActivities } from './activity-options.ts';
import { evidenceActivities, siteActivities } from './activity-options.ts';
import type { Inbox } from './inbox.ts';
import { SiteWatch } from './site-watch.ts';
import type { RunState } from './state.ts';

/** One run of `upgrade` or `rollback`. */
export interface Run {
  readonly state: RunState;
  readonly inbox: Inbox;
  readonly control: ReturnType<typeof controlActivities>;
  /** Set once the deployment is loaded. */
  site: Site | undefined;
  /** Acts that are not repeated when a parked operation is tried again. */
  readonly done: Set<'claim' | 'backup' | 'fetch'>;
  /** How many times evidence was captured. */
  captures: number;
  /** ISO time at which the way forward changed something first. */
  swappedAt: string | undefined;
  /** ISO time at which the way back began first. */
  unwoundAt: string | undefined;
  /** True after a wait in which the world may have moved on: the plan is verified before the swap. */
  stale: boolean;
  /** Whether the claim of a closed run was taken over already: never twice. */
  tookOver: boolean;
}

/** How an operation ended. */
export interface Ended {
  readonly outcome: Ending;
  readonly reasons: readonly Refusal[];
  readonly proven: boolean;
  readonly serving?: string;
}

/** One site's activities; every call is watched for an absent worker. */
export class Site {
  readonly activities: ReturnType<typeof siteActivities>;
  private readonly evidence: ReturnType<typeof evidenceActivities>;
  private readonly watch: SiteWatch;

  constructor(run: Run, site: string) {
    this.activities = siteActivities(site);
    this.evidence = evidenceActivities(site);
    this.watch = new SiteWatch(run.state, run.control);
    this.watch.start(site);
  }

  /** Calls an activity of the site. */
  do<T>(call: (activities: ReturnType<typeof siteActivities>) => Promise<T>): Promise<T> {
    return this.watch.during(call(this.activities));
  }

  /** Captures evidence, within its own short limits. */
  collect(input: Parameters<ReturnType<typeof evidenceActivities>['collect']>[0]) {
    return this.watch.during(this.evidence.collect(input));
  }

  close(): void {
    this.watch.stop();
  }
}

/** The loaded deployment, its plan and its site: what every act needs. */
export function acting({ state, site }: Run) {
  const { deployment, plan } = state;
  if (!deployment || !plan || !site) {
    throw ApplicationFailure.nonRetryable(
      'an act was asked for before there was a plan',
      'unknown',
    );
  }
  return { input: { deployment, plan }, deployment, plan, site };
}

/** Goes no further when a stop was accepted: the act that ran may have completed before it heard of it. */
export function stopHere({ inbox }: Run): void {
  if (inbox.stop) throw new CancelledFailure('stopped');
}

/** Where nothing is half-done: stops here when told, and waits while the operation is held. Answers whether it was. */
export async function checkpoint(run: Run, before: Phase): Promise<boolean> {
  const { state } = run;
  stopHere(run);
  if (!state.held) return false;
  state.waitFor(`resume (held before ${before})`, 'Send `resume` to go on');
  await condition(() => !state.held);
  state.stopWaiting();
  stopHere(run);
  run.stale = true;
  return true;
}

/** A failure of the workflow's own, with a fault like an activity's. */
export function fail(fault: Fault, reasons: readonly Refusal[]): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    reasons.map(({ message }) => message).join('; '),
    fault,
    reasons,
  );
}
