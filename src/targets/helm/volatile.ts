/**
 * Fields that differ from one rendering to the next (`randAlphaNum`, `now`): a plan's digest must not hang on them.
 */
import { keyOf, showObject, type DeclaredObject } from './objects.ts';

/** What stands in their place. */
export const VOLATILE = '(differs at every rendering)';

/** Two renderings of the same, made one. */
export interface Steadied {
  readonly objects: readonly DeclaredObject[];
  /** `Secret/web: data.password` */
  readonly volatile: readonly string[];
}

/** The first rendering, with everything masked that the second has otherwise. */
export function steady(
  first: readonly DeclaredObject[],
  second: readonly DeclaredObject[],
): Steadied {
  const others = new Map(second.map((object) => [keyOf(object), object.object]));
  const volatile: string[] = [];
  const objects = first.map((declared) => {
    const note = (path: string) => volatile.push(`${showObject(declared)}: ${path}`);
    const merged = merge(declared.object, others.get(keyOf(declared)), '', note);
    return { ...declared, object: asRecord(merged) };
  });
  return { objects, volatile };
}

function merge(a: unknown, b: unknown, path: string, note: (path: string) => void): unknown {
  if (isRecord(a) && isRecord(b))
    return Object.fromEntries(
      Object.entries(a).map(([key, value]) => [
        key,
        merge(value, b[key], path === '' ? key : `${path}.${key}`, note),
      ]),
    );
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
    return a.map((value: unknown, at) => merge(value, b[at], `${path}[${at}]`, note));
  if (JSON.stringify(a) === JSON.stringify(b)) return a;
  note(path);
  return VOLATILE;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
