/**
 * The digest that an approval names.
 */
import type { Plan } from '../domain/plan.ts';

/** sha256 of a text, in hexadecimal; handed in, because planning is pure. */
export type Sha256 = (text: string) => string;

/** The digest over everything but `estimates` and `digest`, whatever the order of keys. */
export function planDigest(plan: Omit<Plan, 'digest'>, sha256: Sha256): string {
  return sha256(canonicalJson({ ...plan, estimates: undefined, digest: undefined }));
}

/** JSON with sorted keys and without undefined members: the same data gives the same text. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
