/**
 * Reads a file of belay's: YAML, then its schema, then its name. Every reason at once.
 */
import type { z } from 'zod';
import { BelayError } from '../domain/errors.ts';
import type { Refusal } from '../domain/errors.ts';
import { explainIssues, explainProblems, explainYaml } from './explain.ts';
import type { FileProblem } from './explain.ts';
import { readSchema } from './known-keys.ts';
import { parseYaml } from './parse-yaml.ts';
import type { ParsedYaml } from './parse-yaml.ts';
import { readSmallFile } from './read-small-file.ts';
import { schemaFor } from './schema-for.ts';
import type { SchemaKind } from './schema-for.ts';

/** A file that its schema takes. */
export interface ReadFile<Written> {
  readonly written: Written;
  readonly parsed: ParsedYaml;
  /** sha256 of its bytes. */
  readonly digest: string;
}

/** How a file is read. */
export interface ReadSettings<Schema extends z.ZodType> {
  readonly kind: SchemaKind;
  readonly schema: Schema;
  /** The key that must say the same as the file's name. */
  readonly nameKey: string;
  readonly name: string;
}

/**
 * Returns undefined when there is no such file.
 *
 * @throws BelayError `request` with every reason, each with file, line, column and path.
 */
export async function readFileAs<Schema extends z.ZodType>(
  file: string,
  { kind, schema, nameKey, name }: ReadSettings<Schema>,
): Promise<ReadFile<z.output<Schema>> | undefined> {
  const found = await readSmallFile(file);
  if (found === undefined) return undefined;
  const parsed = parseYaml(found.text);
  if ('problems' in parsed) throw new BelayError('request', explainYaml(file, parsed.problems));
  const checked = schema.safeParse(parsed.value);
  const issues = checked.success
    ? []
    : explainIssues(
        file,
        { kind, schema: readSchema(schemaFor(kind)) },
        parsed,
        checked.error.issues,
      );
  const refusals = [...issues, ...nameProblem(file, parsed, nameKey, name)];
  if (!checked.success || refusals.length > 0) throw new BelayError('request', refusals);
  return { written: checked.data, parsed, digest: found.digest };
}

/** Refuses what a file's parts together don't allow. */
export function refuseProblems(
  file: string,
  parsed: ParsedYaml,
  problems: readonly FileProblem[],
): BelayError {
  return new BelayError('request', explainProblems(file, parsed, problems));
}

function nameProblem(file: string, parsed: ParsedYaml, key: string, name: string): Refusal[] {
  const { value } = parsed;
  const given: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  if (typeof given !== 'string' || given === name) return [];
  return explainProblems(file, parsed, [
    {
      path: [key],
      message: `expected ${JSON.stringify(name)}, as the file is named, found ${JSON.stringify(given.slice(0, 80))}`,
      remedy: `Write \`${key}: ${name}\`, or rename the file`,
    },
  ]);
}
