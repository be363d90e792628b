import { z } from 'zod';
import { DatabaseQueryError, type Database } from '../domain/database.ts';
import { failure } from '../domain/errors.ts';

const rowsSchema = z.array(z.object({ version: z.string() }));

const IDENTIFIER = '[A-Za-z_][A-Za-z0-9_$]{0,62}';
const TABLE = new RegExp(`^(?:(${IDENTIFIER})\\.)?(${IDENTIFIER})$`);

/** SQLSTATEs of a table, or its schema, that is not there: nothing was ever applied. */
const MISSING = new Set(['42P01', '3F000']);

/**
 * Versions that the ledger table holds, ascending; empty when there is no such table yet. Its column `version` may be
 * of any type; entries that are no whole number are not belay's to wait for.
 *
 * @param ledger - `table` or `schema.table`, spelt as in the catalogue.
 * @throws BelayError `request`: `ledger-name`, `ledger-unreadable`, or what `Database.query` throws.
 */
export async function readLedger(
  database: Database,
  ledger: string,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const sql = `select version::text as version from ${quoteTable(ledger)}`;
  try {
    const rows = rowsSchema.parse(await database.query(sql, [], signal));
    return rows
      .filter(({ version }) => /^\d{1,15}$/.test(version))
      .map(({ version }) => Number(version))
      .sort((a, b) => a - b);
  } catch (error) {
    if (!(error instanceof DatabaseQueryError)) throw error;
    if (MISSING.has(error.sqlState)) return [];
    throw failure(
      'request',
      'ledger-unreadable',
      `the migration ledger ${ledger} can't be read: ${error.message} (SQLSTATE ${error.sqlState})`,
      `let the database's user select from ${ledger}, and see that it has a column version; or correct migrate.ledger`,
      error,
    );
  }
}

/**
 * Quotes a table's name so that nothing but a name can be in it.
 *
 * @throws BelayError `request`, `ledger-name`.
 */
export function quoteTable(name: string): string {
  const match = TABLE.exec(name);
  if (!match) {
    throw failure(
      'request',
      'ledger-name',
      `migrate.ledger is ${JSON.stringify(name)}, which is no table's name`,
      'write it as table or schema.table, of letters, digits and _',
    );
  }
  const [, schema, table = ''] = match;
  return schema === undefined ? `"${table}"` : `"${schema}"."${table}"`;
}
