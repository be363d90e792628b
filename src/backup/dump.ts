/**
 * One run of pg_dump, and what its failures mean.
 */
import { failure, type BelayError } from '../domain/errors.ts';
import type { Output } from '../domain/act.ts';
import { redact } from '../process/redact.ts';
import { describeConnection, type Connection } from './connection.ts';
import { connectionFailure, connectionProblem } from './database-errors.ts';
import type { Tools } from './tools.ts';

/** pg_dump of this version and later names compression methods. */
const FIRST_WITH_METHODS = 16;
const ZSTD = 'zstd:3';
/** gzip at its lowest level: about four times as fast as at its default, for a few percent of size. */
const GZIP = '1';
const UNCOMPRESSED = '0';
const PROBE_TIMEOUT_MS = 10_000;

/** A folder without a server: pg_dump gets as far as connecting only when it accepts its other arguments. */
const NO_SERVER = '/belay-no-server';

/** How much of a tool's words goes into an error (characters, from the end). */
const TAIL = 2_000;

/** Arguments of pg_dump. A table that somebody else locks fails the dump after half a minute, and is named. */
export function dumpArgs(compression: string): string[] {
  return [
    '--format=custom',
    `--compress=${compression}`,
    '--lock-wait-timeout=30s',
    '--no-password',
  ];
}

/** Finds the best compression that this pg_dump has, without a server. */
export async function probeCompression(
  tools: Tools,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  // Before 16 it takes a level of zlib, and does without it where it was built so.
  if (tools.major < FIRST_WITH_METHODS) return GZIP;
  const accepted = await Promise.all(
    [ZSTD, GZIP].map(async (compression) => {
      const args = [...dumpArgs(compression), `--host=${NO_SERVER}`, '--file=/dev/null'];
      const options = { env, timeoutMs: PROBE_TIMEOUT_MS };
      const { stderr } = await tools.run('pg_dump', args, options, { signal, progress: ignore });
      const refused = /compression|--compress/i.test(stderr);
      const connected = connectionProblem(undefined, stderr) === 'database-unreachable';
      return connected && !refused ? compression : undefined;
    }),
  );
  return accepted.find((compression) => compression !== undefined) ?? UNCOMPRESSED;
}

/** What a failed pg_dump means. Its own words (in English, by LC_ALL) are matched, the server's are passed on. */
export function dumpFailure(
  output: Pick<Output, 'exitCode' | 'stderr'>,
  connection: Connection,
): BelayError {
  const said = redact(output.stderr.trim()).slice(-TAIL);
  const what = describeConnection(connection);
  const told = `the dump of ${what} failed (exit code ${output.exitCode}): ${said}`;
  if (saysDiskFull(output.stderr)) return diskFull(told);
  if (/statement timeout|lock timeout|could not obtain lock/i.test(said)) {
    return failure(
      'environment',
      'backup-lock-timeout',
      told,
      'another session holds a lock on a table (see pg_locks); the dump is tried again',
    );
  }
  if (/permission denied|must be (superuser|owner)|row-level security/i.test(said)) {
    return failure(
      'request',
      'backup-permission',
      told,
      `let ${connection.user} read the whole database: grant pg_read_all_data to ${connection.user} (tables under row-level security need BYPASSRLS)`,
    );
  }
  if (/server version mismatch/i.test(said)) {
    return failure('request', 'backup-tool-too-old', told, "use tools of the server's own version");
  }
  const problem = connectionProblem(undefined, said);
  if (problem) return connectionFailure(problem, what, said);
  return failure('unknown', 'backup-failed', told, 'run pg_dump by hand to see more of it');
}

/** The disk's "no" as pg_dump, Docker's client and Node's own errors say it. */
export function saysDiskFull(text: string): boolean {
  return /no space left on device|disk quota exceeded|ENOSPC|EDQUOT/i.test(text);
}

/** The error for a full disk. */
export function diskFull(told: string, cause?: unknown): BelayError {
  return failure(
    'environment',
    'backup-disk-full',
    told,
    'make room where backup.postgres.directory lies; earlier backups are untouched',
    cause,
  );
}

function ignore(): void {
  // A probe has no progress of its own.
}
