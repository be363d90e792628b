/**
 * What is wrong in a file → refusals with file, line, path, what was expected and what was found.
 */
import type { z } from 'zod';
import type { Refusal } from '../domain/errors.ts';
import { isSecretMessage } from './fields.ts';
import { hintFor } from './known-keys.ts';
import type { SchemaNode } from './known-keys.ts';
import { maskPassword } from './mask.ts';
import type { ParsedYaml, YamlProblem } from './parse-yaml.ts';

/** What a file is, for its messages. */
export interface FileKind {
  /** As in `belay schema KIND`. */
  readonly kind: 'deployment' | 'release';
  readonly schema: SchemaNode;
}

/** Something wrong that only several parts of a file together show. */
export interface FileProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly remedy: string;
}

/** Texts longer than this are cut when they are shown. */
const SHOWN = 60;

/** Refuses a text that is no YAML. */
export function explainYaml(file: string, problems: readonly YamlProblem[]): Refusal[] {
  return problems.map(({ place, message, remedy }) => ({
    code: 'file-syntax',
    message: `${file}:${place.line}:${place.column}: ${message}`,
    remedy,
  }));
}

/** Refuses what the schema does not take, in the order of the file. */
export function explainIssues(
  file: string,
  { kind, schema }: FileKind,
  parsed: ParsedYaml,
  issues: readonly z.core.$ZodIssue[],
): Refusal[] {
  const remedy = `Correct it; \`belay schema ${kind}\` describes every key`;
  const found = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownKey(schema, parsed, issue.path, key))
      : [{ code: 'file-value', ...describeIssue(parsed, issue), remedy }],
  );
  return inFileOrder(file, parsed, found);
}

/** Refuses what only several parts together show. */
export function explainProblems(
  file: string,
  parsed: ParsedYaml,
  problems: readonly FileProblem[],
): Refusal[] {
  return inFileOrder(
    file,
    parsed,
    problems.map((problem) => ({ code: 'file-value', ...problem })),
  );
}

type Located = FileProblem & { readonly code: string };

function inFileOrder(file: string, parsed: ParsedYaml, problems: readonly Located[]): Refusal[] {
  return problems
    .map((problem) => ({ ...problem, place: parsed.locate(problem.path) }))
    .sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
    .map(({ code, message, remedy, path, place }) => ({
      code,
      message: `${file}:${place.line}:${place.column}: ${[...showPath(path), message].join(': ')}`,
      remedy,
    }));
}

function showPath(path: readonly PropertyKey[]): string[] {
  const text = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('');
  return text === '' ? [] : [maskPassword(text.replace(/^\./, ''))];
}

function unknownKey(
  schema: SchemaNode,
  parsed: ParsedYaml,
  path: readonly PropertyKey[],
  key: string,
): Located {
  const remedy = hintFor(schema, path, key, parsed.value);
  return { code: 'file-key', path: [...path, key], message: 'is not a known key', remedy };
}

function describeIssue(parsed: ParsedYaml, issue: z.core.$ZodIssue) {
  const { path } = issue;
  if (issue.code === 'invalid_key') {
    const expected = issue.issues[0]?.message ?? 'another key';
    return { path, message: `expected ${expected} as a key` };
  }
  const expected = expectedBy(issue);
  const value = valueAt(parsed.value, path);
  if (value === undefined) return { path, message: `is missing; expected ${expected}` };
  const found = isSecretMessage(issue.message) ? kindOf(value) : show(value);
  return { path, message: `expected ${expected}, found ${found}` };
}

function expectedBy(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    const options = 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
    return `one of ${options.map(String).join(', ')}`;
  }
  return issue.message;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let part = value;
  for (const key of path) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, key)) return undefined;
    part = Reflect.get(part, key);
  }
  return part;
}

function show(value: unknown): string {
  if (typeof value === 'string') {
    // Masked before it is cut: half a password is no better.
    const masked = maskPassword(value);
    return JSON.stringify(masked.length > SHOWN ? `${masked.slice(0, SHOWN)}…` : masked);
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return kindOf(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
