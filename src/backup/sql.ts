/**
 * Statements as they are sent: rows come back as one JSON text, the same by every way to the database.
 */
import type { SqlValue } from '../domain/database.ts';

/** `application_name` of belay's own short questions. Dumps add their run: see {@link dumpApplicationName}. */
export const APPLICATION_NAME = 'belay';

/** Postgres cuts longer names (bytes). */
const MAX_APPLICATION_NAME = 63;

/** The `application_name` of one run's dump, by which a later attempt finds what an earlier one left. */
export function dumpApplicationName(runId: string): string {
  return `${APPLICATION_NAME}-${runId.replaceAll(/[^\x21-\x7e]/g, '_')}`.slice(
    0,
    MAX_APPLICATION_NAME,
  );
}

/** Wraps a statement so that it returns one column `rows`: its rows as a JSON array in text. */
export function asJsonRows(sql: string): string {
  return `select coalesce(json_agg(t), '[]')::text as rows from (${sql}) t`;
}

/**
 * Wraps a statement for an output that is redacted: the JSON in hexadecimal, three digits a line. Remembered secrets
 * have four characters at least, so none can stand in a line, and a password `2018` can't blot out a version.
 */
export function asRedactionProofRows(sql: string): string {
  const hex = `encode(convert_to((${asJsonRows(sql)}), 'UTF8'), 'hex')`;
  return String.raw`select regexp_replace(${hex}, '(...)', E'\\1\n', 'g')`;
}

/** Reads what {@link asRedactionProofRows} printed. */
export function fromRedactionProof(text: string): string {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex').toString('utf8');
}

/** Puts literals in the places of `$1`, `$2`…, for a way to the database that has no parameters. */
export function withLiterals(sql: string, values: readonly SqlValue[]): string {
  return sql.replaceAll(/\$(\d+)/g, (placeholder, index: string) => {
    const value = values[Number(index) - 1];
    if (value === undefined) throw new TypeError(`no value for ${placeholder}`);
    return literal(value);
  });
}

function literal(value: SqlValue): string {
  if (typeof value === 'object') {
    const elements = value.map((element) => literal(element)).join(', ');
    return value.length === 0 ? "'{}'" : `array[${elements}]`;
  }
  const text = String(value).replaceAll("'", "''");
  return text.includes('\\') ? `E'${text.replaceAll('\\', '\\\\')}'` : `'${text}'`;
}
