/**
 * Fields that differ from one rendering to the next (`randAlphaNum`, `now`): a plan's digest must not hang on them.
 */
import { keyOf, showObject, type DeclaredObject } from './objects.ts';
import type { RenderedHook } from './render.ts';

/** What stands in their place. */
export const VOLATILE = '(differs at every rendering)';

/** Two renderings of the same, made one. */
export interface Steadied {
  readonly objects: readonly DeclaredObject[];
  /** `Secret/web: data.password` */
  readonly volatile: readonly string[];
}

/**
 * The first rendering, with everything masked that the second has otherwise. Objects whose very names differ are taken for
 * the same in the order of their kind.
 */
export function steady(
  first: readonly DeclaredObject[],
  second: readonly DeclaredObject[],
): Steadied {
  const others = partners(first, second);
  const volatile: string[] = [];
  const objects = first.map((declared) => {
    const other = others.get(declared);
    const isRenamed = other !== undefined && other.name !== declared.name;
    const named = isRenamed ? { ...declared, name: VOLATILE } : declared;
    const note = (path: string) => volatile.push(`${showObject(named)}: ${path}`);
    const merged = merge(declared.object, other?.object, '', note);
    return { ...named, object: asRecord(merged) };
  });
  return { objects, volatile };
}

function partners(
  first: readonly DeclaredObject[],
  second: readonly DeclaredObject[],
): ReadonlyMap<DeclaredObject, DeclaredObject> {
  const byKey = new Map(second.map((object) => [keyOf(object), object]));
  const firstKeys = new Set(first.map((object) => keyOf(object)));
  const strays = second.filter((object) => !firstKeys.has(keyOf(object)));
  return new Map(
    first.flatMap((object): [DeclaredObject, DeclaredObject][] => {
      const same = byKey.get(keyOf(object));
      if (same) return [[object, same]];
      const at = strays.findIndex(({ kind }) => kind === object.kind);
      return strays.splice(Math.max(at, 0), at < 0 ? 0 : 1).map((stray) => [object, stray]);
    }),
  );
}

/** Names of hooks as the plan may say them: those that differ from one rendering to the next are not said. */
export function steadyHooks(
  first: readonly RenderedHook[],
  second: readonly RenderedHook[],
): readonly RenderedHook[] {
  return first.map(({ name, events }, at) => {
    const other = second[at]?.name ?? name;
    const [kind = ''] = name.split('/');
    return { name: other === name ? name : `${kind}/${VOLATILE}`, events };
  });
}

function merge(a: unknown, b: unknown, path: string, note: (path: string) => void): unknown {
  if (isRecord(a) && isRecord(b))
    return Object.fromEntries(
      [...new Set([...Object.keys(a), ...Object.keys(b)])]
        .sort()
        .map((key) => [key, merge(a[key], b[key], path === '' ? key : `${path}.${key}`, note)]),
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
