/**
 * The objects of a manifest.
 */
import { parseAllDocuments, type Tags } from 'yaml';
import { z } from 'zod';
import { failure } from '../../domain/errors.ts';
import { SECRET_NAME } from '../../process/write-evidence.ts';

/** One object as it is declared. */
export interface DeclaredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Left out: the release's own. */
  readonly namespace?: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly object: Readonly<Record<string, unknown>>;
}

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
});

const listSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string().endsWith('List'),
  items: z.array(z.unknown()),
});

/** Words that Go's YAML, and so helm, leaves texts: dates, and numbers to the base of 60 (`12:30`). */
const NOT_GOS = (tag: Tags[number]) =>
  typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && tag.format !== 'TIME');

/**
 * Every object of a manifest; empty documents are skipped, lists are taken apart.
 *
 * @throws BelayError `chart-objects` (request) for anything else: what is left out here would count as removed.
 */
export function parseManifest(text: string): DeclaredObject[] {
  const options = { version: '1.1', merge: true, uniqueKeys: false } as const;
  const documents = parseAllDocuments(text, {
    ...options,
    customTags: (tags) => tags.filter(NOT_GOS),
  });
  return documents.flatMap((document) => {
    if (!('errors' in document)) return [];
    if (document.errors.length > 0) throw unreadable();
    return declared(document.toJS());
  });
}

function declared(value: unknown): DeclaredObject[] {
  if (value === null || value === undefined) return [];
  const list = listSchema.safeParse(value);
  if (list.success) return list.data.items.flatMap(declared);
  const parsed = objectSchema.safeParse(value);
  if (!parsed.success) throw unreadable();
  const { apiVersion, kind, metadata } = parsed.data;
  const { name, namespace, annotations } = metadata;
  return [
    {
      apiVersion,
      kind,
      name,
      ...(namespace !== undefined && { namespace }),
      annotations: annotations ?? {},
      object: parsed.data,
    },
  ];
}

function unreadable() {
  // What was found is not shown: it may be a Secret.
  return failure(
    'request',
    'chart-objects',
    'The chart renders something that is no Kubernetes object (apiVersion, kind and metadata.name)',
    'See `helm template` of the chart with these values',
  );
}

/** `Deployment/web`; with the namespace where it is not the release's. */
export function showObject({ kind, name, namespace }: DeclaredObject): string {
  return namespace === undefined ? `${kind}/${name}` : `${kind}/${name} in ${namespace}`;
}

/**
 * What tells two objects of a manifest apart: a kind may move from one version of its API to another. `home`: the
 * release's namespace, which is the same written or left out.
 */
export function keyOf(
  { apiVersion, kind, name, namespace = '' }: DeclaredObject,
  home?: string,
): string {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  return `${group}/${kind}/${namespace === home ? '' : namespace}/${name}`;
}

/**
 * The object with a Secret's values masked, and those of variables with a secret's name. `before`: the same object as it
 * was, so that a changed value shows as changed and no value shows.
 */
export function maskedObject(
  { kind, object }: DeclaredObject,
  before?: DeclaredObject,
): Readonly<Record<string, unknown>> {
  if (kind !== 'Secret') {
    const masked = maskVariables(object, variablesOf(before?.object ?? object));
    return isRecord(masked) ? masked : object;
  }
  const masked = (member: 'data' | 'stringData') =>
    object[member] === undefined
      ? {}
      : { [member]: mask(object[member], before?.object[member] ?? object[member]) };
  return { ...object, ...masked('data'), ...masked('stringData') };
}

function mask(values: unknown, before: unknown): unknown {
  if (!isRecord(values)) return SAME;
  const old = isRecord(before) ? before : {};
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      JSON.stringify(value) === JSON.stringify(old[key]) ? SAME : OTHER,
    ]),
  );
}

const SAME = '***';
const OTHER = '*** (another value)';

/** Every variable of every container that is given by value: `NAME=value`. */
function variablesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(variablesOf);
  if (!isRecord(value)) return [];
  return [
    ...(isVariable(value) ? [showVariable(value)] : []),
    ...Object.values(value).flatMap(variablesOf),
  ];
}

function maskVariables(value: unknown, before: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => maskVariables(each, before));
  if (!isRecord(value)) return value;
  if (isVariable(value))
    return { ...value, value: before.includes(showVariable(value)) ? SAME : OTHER };
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, maskVariables(each, before)]),
  );
}

function isVariable({ name, value }: Readonly<Record<string, unknown>>): boolean {
  return typeof name === 'string' && SECRET_NAME.test(name) && value !== undefined;
}

function showVariable({ name, value }: Readonly<Record<string, unknown>>): string {
  return `${String(name)}=${JSON.stringify(value)}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
