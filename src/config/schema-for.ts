/**
 * JSON Schema of belay's files, for editors, for `belay schema` and for the reference.
 */
import { z } from 'zod';
import { deploymentSchema } from './deployment-schema.ts';
import { releaseSchema } from './release-schema.ts';

/** The kinds of file that have a schema. */
export const SCHEMA_KINDS = ['deployment', 'release'] as const;

/** One of {@link SCHEMA_KINDS}. */
export type SchemaKind = (typeof SCHEMA_KINDS)[number];

/** The JSON Schema (draft 2020-12) of a file as it is written. */
export function schemaFor(kind: SchemaKind): Record<string, unknown> {
  const schema = kind === 'deployment' ? deploymentSchema : releaseSchema;
  return { ...z.toJSONSchema(schema, { io: 'input' }) };
}
