/**
 * The proof of an edit: what Compose resolves before and after differs in the planned images only. Pure.
 */

type Json = unknown;

/** What an edit is checked against. */
export interface Proof {
  /** Paths (`services.worker.image`) that change and should not. Never values: they may be secret. */
  readonly unplanned: readonly string[];
  /** Services whose image is not the wanted one afterwards. */
  readonly missed: readonly string[];
}

/** Compares two resolved projects; `wanted`: service → image. */
export function proveEdit(
  before: Json,
  after: Json,
  wanted: Readonly<Record<string, string>>,
): Proof {
  const planned = new Set(Object.keys(wanted).map((service) => `services.${service}.image`));
  const unplanned = changedPaths(before, after, []).filter((path) => !planned.has(path));
  const missed = Object.entries(wanted)
    .filter(([service, image]) => at(after, ['services', service, 'image']) !== image)
    .map(([service]) => service);
  return { unplanned, missed };
}

function changedPaths(before: Json, after: Json, path: readonly string[]): readonly string[] {
  if (Object.is(before, after)) return [];
  if (!isObject(before) || !isObject(after) || Array.isArray(before) !== Array.isArray(after))
    return [path.join('.')];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => changedPaths(before[key], after[key], [...path, key]));
}

function at(value: Json, path: readonly string[]): Json {
  return path.reduce<Json>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null;
}
