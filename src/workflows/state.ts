/**
 * The state of one operation's run: what `status` answers, and what people have asked for. No decisions here.
 */
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Deployment, Release } from '../domain/deployment.ts';
import type { Refusal } from '../domain/errors.ts';
import type { Judgement } from '../domain/judge.ts';
import type { SearchAttributeName } from '../domain/names.ts';
import type {
  BackupResult,
  Outcome,
  Phase,
  Status,
  TimelineEntry,
  Waiting,
} from '../domain/operation.ts';
import type { Plan } from '../domain/plan.ts';
import type { Evidence } from '../domain/target.ts';
import { renderDetails } from './details.ts';

/** The newest entries win when a long wait with many messages would swell the answer. */
const MAX_TIMELINE = 200;

/** Characters of a search attribute; far below any server's limit. */
const MAX_ATTRIBUTE = 255;

/** What both kinds of request have in common. */
export interface CommonRequest {
  readonly deployment: string;
  readonly to?: string;
  readonly toRevision?: number;
  readonly accept?: readonly string[];
  readonly bundle?: string;
  readonly by?: string;
  readonly reason?: string;
}

/** Mutable state of one run; one instance per workflow execution. */
export class RunState {
  readonly operation: 'upgrade' | 'rollback';
  readonly request: CommonRequest;
  readonly runId: string;
  readonly startedAt: string;
  phase: Phase = 'loading';
  phaseSince: string;
  deployment: Deployment | undefined;
  release: Release | undefined;
  plan: Plan | undefined;
  from: string | undefined;
  to: string | undefined;
  /** True from the moment a swap was asked for: its undo was registered before. */
  swapped = false;
  /** True once the claim may be ours: from before it was asked for. */
  claimed = false;
  goal: 'forward' | 'back' = 'forward';
  fromWasHealthy = false;
  /** True while records of a known ending can't be written. */
  settling = false;
  held = false;
  waiting: Waiting | undefined;
  judgement: Judgement | undefined;
  backup: BackupResult | undefined;
  evidence: readonly Evidence[] = [];
  reasons: readonly Refusal[] = [];
  outcome: Outcome | undefined;
  timeline: readonly TimelineEntry[] = [];
  /** Filled in by the inbox: what `status` says would be accepted now. */
  accepts: () => readonly string[] = () => [];
  private readonly attributes: Partial<Record<SearchAttributeName, string>> = {};

  constructor(operation: 'upgrade' | 'rollback', request: CommonRequest) {
    this.operation = operation;
    this.request = request;
    const info = workflowInfo();
    this.runId = info.runId;
    this.startedAt = info.runStartTime.toISOString();
    this.phaseSince = this.startedAt;
    this.to = request.to;
  }

  /** Enters a phase: timeline, search attributes and the UI's details follow. */
  enter(phase: Phase, text: string): void {
    this.phase = phase;
    this.phaseSince = now();
    this.waiting = undefined;
    this.say(text);
    this.publish({ BelayPhase: phase });
  }

  /** Adds a line to the operation's story. */
  say(text: string): void {
    this.timeline = [...this.timeline, { at: now(), phase: this.phase, text }].slice(-MAX_TIMELINE);
    this.refreshDetails();
  }

  /** Says what is being waited for, once per reason. */
  waitFor(on: string, remedy: string): void {
    if (this.waiting?.on === on) return;
    this.waiting = { on, since: now(), remedy };
    this.say(`waiting for ${on}`);
  }

  stopWaiting(): void {
    if (this.waiting === undefined) return;
    this.waiting = undefined;
    this.refreshDetails();
  }

  /** Upserts the search attributes that changed, and only those: each upsert is an event. */
  publish(more: Partial<Record<SearchAttributeName, string>>): void {
    const wanted: Partial<Record<SearchAttributeName, string>> = {
      BelayDeployment: this.request.deployment,
      ...(this.deployment?.tenant && { BelayTenant: this.deployment.tenant }),
      ...(this.from && { BelayFrom: this.from }),
      ...(this.to && { BelayTo: this.to }),
      ...more,
    };
    const changed = Object.entries(wanted).filter(
      ([name, value]) => this.attributes[name as SearchAttributeName] !== value,
    );
    if (changed.length === 0) return;
    Object.assign(this.attributes, Object.fromEntries(changed));
    // The server ends a run whose attribute is too long.
    upsertSearchAttributes(
      Object.fromEntries(changed.map(([name, value]) => [name, [value.slice(0, MAX_ATTRIBUTE)]])),
    );
  }

  refreshDetails(): void {
    setCurrentDetails(renderDetails(this.status()));
  }

  /** The answer of the query `status`. */
  status(): Status {
    return {
      deployment: this.request.deployment,
      operation: this.operation,
      runId: this.runId,
      ...definedOnly({
        site: this.deployment?.site,
        from: this.from,
        to: this.to,
        by: this.request.by,
        reason: this.request.reason,
        plan: this.plan,
        waiting: this.waiting,
        judgement: this.judgement,
        backup: this.backup,
        outcome: this.outcome,
      }),
      phase: this.phase,
      startedAt: this.startedAt,
      phaseSince: this.phaseSince,
      held: this.held,
      evidence: this.evidence,
      reasons: this.reasons,
      timeline: this.timeline,
      accepts: this.accepts(),
    };
  }
}

/** Workflow time, as ISO text. */
export function now(): string {
  return new Date(Date.now()).toISOString();
}

/** Drops undefined members, so that an optional property is absent rather than undefined. */
export function definedOnly<T extends object>(
  members: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
