import type { ActContext } from '../domain/act.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../domain/database.ts';
import { BelayError } from '../domain/errors.ts';
import { readLedger } from './ledger.ts';
import { troubleNow, type Trouble } from './waiting.ts';

/** What is waited for. */
export interface LedgerWait {
  /** `table` or `schema.table`. */
  readonly ledger: string;
  /** Versions that must all be there. */
  readonly wanted: readonly number[];
  readonly timeoutMs: number;
  readonly trouble: Trouble;
}

/** How the wait ended. A timeout and a trouble are answers, not errors: what they mean is decided elsewhere. */
export interface LedgerState {
  readonly ended: 'complete' | 'timeout' | 'trouble';
  /** The trouble's text. */
  readonly why?: string;
  readonly applied: readonly number[];
  readonly missing: readonly number[];
}

const POLL_MS = 250;

/**
 * Polls the ledger until it holds the wanted versions. A database that is away for a while is waited for.
 *
 * @throws BelayError the database's own trouble when it is still away at the deadline; `request` at once.
 */
export async function waitForLedger(
  database: Database,
  wait: LedgerWait,
  context: ActContext,
): Promise<LedgerState> {
  const deadline = Date.now() + wait.timeoutMs;
  for (;;) {
    // Asked before the ledger is read: what a container wrote before it exited is seen then.
    const why = await troubleNow(wait.trouble);
    const seen = await look(database, wait, context);
    if ('missing' in seen) {
      if (seen.missing.length === 0) return { ended: 'complete', ...seen };
      if (why !== undefined) return { ended: 'trouble', why, ...seen };
      report(wait, seen.missing, context);
    }
    if (Date.now() >= deadline) {
      if ('away' in seen) throw seen.away;
      return { ended: 'timeout', ...seen };
    }
    await sleep(POLL_MS, undefined, { signal: context.signal });
  }
}

type Seen = Pick<LedgerState, 'applied' | 'missing'> | { readonly away: BelayError };

async function look(
  database: Database,
  { ledger, wanted }: LedgerWait,
  context: ActContext,
): Promise<Seen> {
  try {
    const applied = await readLedger(database, ledger, context.signal);
    const there = new Set(applied);
    return { applied, missing: wanted.filter((version) => !there.has(version)) };
  } catch (error) {
    if (!(error instanceof BelayError) || error.fault !== 'environment') throw error;
    context.progress({ step: 'migrate', detail: `waiting for the database: ${error.message}` });
    return { away: error };
  }
}

function report(
  { wanted }: LedgerWait,
  missing: readonly number[],
  { progress }: ActContext,
): void {
  const done = wanted.length - missing.length;
  progress({
    step: 'migrate',
    detail: `${done} of ${wanted.length} migrations applied; waiting for ${missing.join(', ')}`,
  });
}
