/**
 * An upgrade decided in full before anything changes.
 */
import type { MigrationKind } from './deployment.ts';
import type { Change, Goal, ImageSource, Pins, Point } from './target.ts';

/** One step of a plan, in order, with how it is undone. */
export interface PlanStep {
  readonly phase: 'backup' | 'fetch' | 'swap' | 'migrate' | 'judge' | 'soak' | 'settle';
  /** What it does, in a sentence. */
  readonly does: string;
  /** How it is undone, or why it needs no undo, or that it can't be. */
  readonly undo: string;
}

/** The immutable plan. Its digest is taken over everything but `estimates` and `digest`. */
export interface Plan {
  readonly deployment: string;
  readonly operation: 'upgrade' | 'rollback';
  readonly fileDigest: string;
  readonly engineId: string;
  readonly machineId: string;
  readonly fromVersion: string;
  readonly toVersion: string;
  readonly fromPins: Pins;
  readonly toPins: Pins;
  /** Where the target's own history is now: what a way back goes to. */
  readonly fromPoint?: Point;
  /** The point of that history which a rollback goes to; left out: the versions are newly declared. */
  readonly toPoint?: Point;
  readonly source: ImageSource;
  readonly changes: readonly Change[];
  readonly steps: readonly PlanStep[];
  readonly backup: { readonly take: true } | { readonly take: false; readonly why: string };
  readonly migrations: {
    /** Versions that the release brings and the ledger lacks; undefined: not known. */
    readonly pending?: readonly number[];
    /** What the ledger must hold after migrating; undefined: not known, nothing to wait for. */
    readonly wanted?: readonly number[];
    readonly kind: MigrationKind;
    /** Whether the old version keeps working on the new schema, and how it is known. */
    readonly note: string;
  };
  /** Things that were accepted or assumed, which an approver should read. */
  readonly notes: readonly string[];
  readonly estimates: {
    readonly transferBytes: number;
    readonly backupBytes?: number;
    readonly downtimeMs: number;
  };
  readonly digest: string;
}

/** Where the plan goes. */
export function goalTo({ toPins, toPoint }: Pick<Plan, 'toPins' | 'toPoint'>): Goal {
  return { pins: toPins, ...(toPoint && { point: toPoint }) };
}

/** Where its way back goes. */
export function goalFrom({ fromPins, fromPoint }: Pick<Plan, 'fromPins' | 'fromPoint'>): Goal {
  return { pins: fromPins, ...(fromPoint && { point: fromPoint }) };
}
