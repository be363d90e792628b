import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { DatabaseQueryError, type Database } from '../domain/database.ts';
import type { MigrateContext } from './waiting.ts';

/** Whose backends are settled. */
export interface SettleRequest {
  /** ISO time of the site's clock: backends that connected earlier are left alone. */
  readonly notOlderThan: string;
  /** ISO time: backends that connected later are left alone, as the old version's on the way back are. */
  readonly notYoungerThan?: string;
  /** Only backends of this client address (the container's), where it is known. */
  readonly clientAddress?: string;
  /** How long they may take to end by themselves. */
  readonly graceMs: number;
}

const backendSchema = z.object({
  pid: z.int(),
  application_name: z.string(),
  client_address: z.string().nullable(),
  state: z.string(),
  running_ms: z.number(),
});
const backendsSchema = z.array(backendSchema);

/** A backend that was at work. Its query is not told: it may hold data. */
export interface Backend {
  readonly pid: number;
  readonly applicationName: string;
  readonly clientAddress?: string;
  /** `active`, `idle in transaction`… */
  readonly state: string;
  /** How long its transaction had been open. */
  readonly runningMs: number;
}

/** What came of it. `left` could not be ended: the user may not, or it did not go in time. */
export interface Settled {
  readonly ended: readonly Backend[];
  readonly left: readonly Backend[];
}

const POLL_MS = 250;
const GONE_WITHIN_MS = 5_000;

/**
 * Backends of this database with a transaction that was open when the wait began: `$1` age of the oldest connection,
 * `$2` how long has been waited, `$3` client address or '', `$4` age of the youngest connection. Ages and not times, as two clocks never agree. Transactions
 * that began later are ordinary work of whoever shares the database. belay's own are told by their application name.
 */
const AT_WORK = `from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
    and application_name <> 'belay' and application_name not like 'belay-%'
    and state <> 'idle'
    and backend_start >= clock_timestamp() - $1::float8 * interval '1 ms'
    and backend_start <= clock_timestamp() - $4::float8 * interval '1 ms'
    and xact_start <= clock_timestamp() - $2::float8 * interval '1 ms'
    and ($3::text = '' or host(client_addr) = $3::text)`;
const COLUMNS = `pid, application_name, host(client_addr) as client_address, state,
  extract(epoch from clock_timestamp() - xact_start) * 1000 as running_ms`;

/**
 * Waits for what an interrupted migration left at work in the database, then ends it: a statement whose client was
 * stopped goes on to its end, and would change the schema under the old version. Call it when the new version's
 * containers were stopped (before that, a client may simply connect again), with `notYoungerThan` when the old version's
 * run already.
 */
export async function settleBackends(
  database: Database,
  request: SettleRequest,
  context: MigrateContext,
): Promise<Settled> {
  const began = Date.now();
  for (;;) {
    const waitedMs = Date.now() - began;
    const atWork = await find(database, request, waitedMs, context.signal);
    if (atWork.length === 0) return { ended: [], left: [] };
    if (waitedMs >= request.graceMs) return end(database, request, waitedMs, context.signal);
    context.progress({
      step: 'migrate',
      detail: `waiting for ${atWork.length} session(s) still at work in the database`,
    });
    await sleep(POLL_MS, undefined, { signal: context.signal });
  }
}

async function end(
  database: Database,
  request: SettleRequest,
  waitedMs: number,
  signal: AbortSignal,
): Promise<Settled> {
  const sql = `select ${COLUMNS}, pg_terminate_backend(pid) as ended ${AT_WORK}`;
  const began = Date.now();
  let ended: readonly Backend[];
  try {
    ended = parse(await database.query(sql, values(request, waitedMs), signal));
  } catch (error) {
    // 42501: this user may not end the other's backend. The way back must not hang on that.
    if (!(error instanceof DatabaseQueryError) || error.sqlState !== '42501') throw error;
    return { ended: [], left: await find(database, request, waitedMs, signal) };
  }
  for (;;) {
    const sinceMs = Date.now() - began;
    const left = await find(database, request, waitedMs + sinceMs, signal);
    if (left.length === 0 || sinceMs > GONE_WITHIN_MS) {
      const still = new Set(left.map(({ pid }) => pid));
      return { ended: ended.filter(({ pid }) => !still.has(pid)), left };
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function find(
  database: Database,
  request: SettleRequest,
  waitedMs: number,
  signal: AbortSignal,
): Promise<readonly Backend[]> {
  const sql = `select ${COLUMNS} ${AT_WORK}`;
  return parse(await database.query(sql, values(request, waitedMs), signal));
}

function values(request: SettleRequest, waitedMs: number) {
  const { notOlderThan, notYoungerThan, clientAddress = '' } = request;
  const now = Date.now();
  const youngestMs = notYoungerThan === undefined ? 0 : now - Date.parse(notYoungerThan);
  return [now - Date.parse(notOlderThan), waitedMs, clientAddress, youngestMs];
}

function parse(rows: readonly unknown[]): readonly Backend[] {
  return backendsSchema.parse(rows).map((row) => ({
    pid: row.pid,
    applicationName: row.application_name,
    ...(row.client_address === null ? {} : { clientAddress: row.client_address }),
    state: row.state,
    runningMs: Math.round(row.running_ms),
  }));
}
