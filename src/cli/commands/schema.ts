/**
 * `belay schema KIND`: the JSON Schema of a file, for editors and checks.
 */
import { failure } from '../../domain/errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Output } from '../output.ts';

/** Prints the schema; it is JSON with and without `--json`. */
export async function schema(kind: string, output: Output): Promise<number> {
  const { SCHEMA_KINDS, schemaFor } = await import('../../config/schema-for.ts');
  const known = SCHEMA_KINDS.find((name) => name === kind);
  if (known === undefined) {
    throw failure(
      'request',
      'unknown-schema',
      `There is no schema "${kind.slice(0, 80)}"`,
      `Known: ${SCHEMA_KINDS.join(', ')}`,
    );
  }
  output.write(`${JSON.stringify(schemaFor(known), null, 2)}\n`);
  return EXIT.succeeded;
}
