/**
 * A database as questions see it; how it is reached (directly, or from inside a container) is hidden.
 */

/** A value for a placeholder `$1`, `$2`…; the SQL casts it (`$1::text`), as all values travel as text. */
export type SqlValue = string | number | readonly string[] | readonly number[];

/** A Postgres database that can be asked. */
export interface Database {
  /**
   * Runs one statement that returns rows (also `select pg_terminate_backend(…)`), on a connection of its own, so that a
   * restart of the server between two calls does no harm. Rows are parsed JSON: the caller validates them.
   *
   * @throws BelayError with the codes `database-unreachable`, `database-starting`, `database-busy` (fault `environment`),
   * `database-auth`, `database-missing` (fault `request`), or {@link DatabaseQueryError} when the statement itself failed.
   */
  query(sql: string, values: readonly SqlValue[], signal: AbortSignal): Promise<readonly unknown[]>;
}

/** A statement that the server refused. */
export class DatabaseQueryError extends Error {
  /** SQLSTATE, such as `42P01` (undefined table) or `42501` (insufficient privilege). */
  readonly sqlState: string;

  constructor(sqlState: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseQueryError';
    this.sqlState = sqlState;
  }
}
