import type { ActContext } from '../domain/act.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { DatabaseQueryError, type Database, type SqlValue } from '../domain/database.ts';

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

const CLOCK = 'select extract(epoch from clock_timestamp()) * 1000 as now_ms';
const clockSchema = z.tuple([z.object({ now_ms: z.number() })]);

const POLL_MS = 250;
const GONE_WITHIN_MS = 5_000;

/**
 * Backends of this database that connected between `$1` and `$2`, with a transaction that was open at `$4`, when the wait
 * began (all in ms of the server's clock); `$3` is a client address or ''. Transactions that began later are ordinary work
 * of whoever shares the database. belay's own are told by their application name.
 */
const AT_WORK = `from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
    and application_name <> 'belay' and application_name not like 'belay-%'
    and state <> 'idle'
    and backend_start >= to_timestamp($1::float8 / 1000)
    and backend_start <= to_timestamp($2::float8 / 1000)
    and xact_start <= to_timestamp($4::float8 / 1000)
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
  context: ActContext,
): Promise<Settled> {
  const offsetMs = await clockOffsetMs(database, context.signal);
  const began = Date.now();
  const chosen = choose(request, began, offsetMs);
  for (;;) {
    const atWork = await find(database, chosen, context.signal);
    if (atWork.length === 0) return { ended: [], left: [] };
    if (Date.now() - began >= request.graceMs) return end(database, chosen, context.signal);
    context.progress({
      step: 'migrate',
      detail: `waiting for ${atWork.length} session(s) still at work in the database`,
    });
    await sleep(POLL_MS, undefined, { signal: context.signal });
  }
}

async function end(
  database: Database,
  chosen: readonly SqlValue[],
  signal: AbortSignal,
): Promise<Settled> {
  const sql = `select ${COLUMNS}, pg_terminate_backend(pid) as ended ${AT_WORK}`;
  let ended: readonly Backend[];
  try {
    ended = parse(await database.query(sql, chosen, signal));
  } catch (error) {
    // 42501: this user may not end the other's backend. The way back must not hang on that.
    if (!(error instanceof DatabaseQueryError) || error.sqlState !== '42501') throw error;
    return { ended: [], left: await find(database, chosen, signal) };
  }
  const goneBy = Date.now() + GONE_WITHIN_MS;
  for (;;) {
    const left = await find(database, chosen, signal);
    if (left.length === 0 || Date.now() > goneBy) {
      const still = new Set(left.map(({ pid }) => pid));
      return { ended: ended.filter(({ pid }) => !still.has(pid)), left };
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function find(
  database: Database,
  chosen: readonly SqlValue[],
  signal: AbortSignal,
): Promise<readonly Backend[]> {
  return parse(await database.query(`select ${COLUMNS} ${AT_WORK}`, chosen, signal));
}

/** The values of {@link AT_WORK}. */
function choose(request: SettleRequest, beganMs: number, offsetMs: number): readonly SqlValue[] {
  const { notOlderThan, notYoungerThan, clientAddress = '' } = request;
  const until = notYoungerThan === undefined ? 'Infinity' : Date.parse(notYoungerThan) + offsetMs;
  return [Date.parse(notOlderThan) + offsetMs, until, clientAddress, beganMs + offsetMs];
}

/**
 * How far the server's clock is ahead of ours, as far as the time of one question can tell: 0 where they may agree, so
 * that on one machine nothing is off by the question's own latency.
 */
async function clockOffsetMs(database: Database, signal: AbortSignal): Promise<number> {
  const asked = Date.now();
  const rows = await database.query(CLOCK, [], signal);
  const answered = Date.now();
  const [{ now_ms: now }] = clockSchema.parse(rows);
  return now < asked ? now - asked : Math.max(0, now - answered);
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
