import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { log, reasonOf } from './log.ts';

const retryForMs = 30_000;
const retryEveryMs = 200;

/** Not there yet, as opposed to there and refusing us: starting up, shutting down, no route, no name. */
const notYet = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  '57P03',
  '57P01',
]);

/**
 * Connects to Postgres, waiting up to 30 s for a database that is still starting.
 *
 * @throws at once when the database answers and refuses (wrong password, unknown database), and
 *   after 30 s when it does not answer.
 */
export async function connect(url: string): Promise<pg.Pool> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    // Waiting for a free one counts too: 2 s are passed easily where a machine is busy.
    connectionTimeoutMillis: 4_000,
    query_timeout: 10_000,
    application_name: 'tenant-plane',
  });
  // An idle connection that the server closes is replaced at the next query; unheard, it would end us.
  pool.on('error', (error) => log('error', 'database connection lost', { reason: error.message }));
  await waitUntilItAnswers(pool);
  return pool;
}

async function waitUntilItAnswers(pool: pg.Pool): Promise<void> {
  const deadline = Date.now() + retryForMs;
  for (;;) {
    try {
      await pool.query('select 1');
      return;
    } catch (error) {
      if (!isNotYet(error) || Date.now() > deadline) throw error;
      log('info', 'waiting for the database', { reason: reasonOf(error) });
      await delay(retryEveryMs);
    }
  }
}

function isNotYet(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.message.includes('timeout')) return true;
  return 'code' in error && typeof error.code === 'string' && notYet.has(error.code);
}
