/**
 * The objects of a manifest.
 */
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { failure } from '../../domain/errors.ts';

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

/** Every object of a manifest; empty documents are skipped. */
export function parseManifest(text: string): DeclaredObject[] {
  return parseAllDocuments(text, { version: '1.1', merge: true, uniqueKeys: false }).flatMap(
    (document) => {
      const value: unknown =
        'errors' in document && document.errors.length === 0 ? document.toJS() : null;
      if (value === null || value === undefined) return [];
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
    },
  );
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

/** What tells two objects of a manifest apart: a kind may move from one version of its API to another. */
export function keyOf({ apiVersion, kind, name, namespace = '' }: DeclaredObject): string {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  return `${group}/${kind}/${namespace}/${name}`;
}

/**
 * The object with a Secret's values masked. `before`: the same object as it was, so that a changed value shows as changed
 * and no value shows.
 */
export function maskedObject(
  { kind, object }: DeclaredObject,
  before?: DeclaredObject,
): Readonly<Record<string, unknown>> {
  if (kind !== 'Secret') return object;
  const masked = (member: 'data' | 'stringData') =>
    object[member] === undefined
      ? {}
      : { [member]: mask(object[member], before?.object[member] ?? object[member]) };
  return { ...object, ...masked('data'), ...masked('stringData') };
}

function mask(values: unknown, before: unknown): unknown {
  if (!isRecord(values)) return '***';
  const old = isRecord(before) ? before : {};
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      JSON.stringify(value) === JSON.stringify(old[key]) ? '***' : '*** (another value)',
    ]),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
