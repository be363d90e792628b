/**
 * The interface behind which databases are backed up. Phases never ask which kind it is.
 */
import type { Refusal } from '../domain/errors.ts';
import type { BackupResult } from '../domain/operation.ts';
import type { ActContext } from '../domain/act.ts';

/** How an act reports and is stopped; the same as a target's. */
export type BackupContext = ActContext;

/** What a plan needs to know of a database. */
export interface DatabaseFacts {
  /** `18.6`. */
  readonly serverVersion: string;
  readonly major: number;
  /** Size on the server with indexes; a backup is smaller. */
  readonly sizeBytes: number;
}

/** What a plan needs to know of the directory for backups. Too little room is the planner's to refuse. */
export interface DirectoryFacts {
  /** Absolute. */
  readonly directory: string;
  /** Bytes that this user may fill; undefined when the directory can't be used. */
  readonly freeBytes?: number;
  /** `backup-directory-missing` or `backup-directory-not-writable`; empty: it was really written to. */
  readonly refusals: readonly Refusal[];
}

/** Which backup to take. */
export interface BackupRequest {
  /** Version that runs now; part of the file's name. */
  readonly version: string;
  /** `YYYYMMDDTHHMMSS`, the same at every attempt of one run; part of the file's name. */
  readonly stamp: string;
  readonly runId: string;
}

/** Backups of one database. */
export interface Backup {
  /**
   * Asks the database what it is.
   *
   * @throws BelayError `request`: `database-unreachable`, `database-auth`, `database-missing`, `secret-missing`,
   * `database-url`; `environment`: `database-starting`, `database-busy`.
   */
  probe(signal: AbortSignal): Promise<DatabaseFacts>;

  /** Looks at the directory, and writes a small file there and removes it. Never throws for what it finds. */
  checkDirectory(): Promise<DirectoryFacts>;

  /**
   * Finds the tools that {@link Backup.take} would use, so that a plan can refuse when there are none.
   *
   * @throws BelayError `request`: `backup-tool-missing`, `backup-tool-too-old`.
   */
  checkTools(facts: DatabaseFacts, signal: AbortSignal): Promise<{ readonly tool: string }>;

  /**
   * Takes and proves a backup, or returns the one that an earlier attempt of this run has finished. First ends what
   * earlier attempts of this run left. A file has its final name only when it is proven.
   *
   * @throws BelayError `environment`: `backup-disk-full`, `backup-lock-timeout`, `backup-unproven`, `database-…`;
   * `request`: `backup-permission`, `backup-timeout`, `backup-tool-…`, `backup-directory-…`; `unknown`: `backup-failed`.
   */
  take(request: BackupRequest, context: BackupContext): Promise<BackupResult>;
}
