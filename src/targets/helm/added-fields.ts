/**
 * Fields that a person added to an object and its manifest does not declare: applying the manifest leaves them, so a
 * comparison by applying does not show them. The API server notes who set which field. Pure.
 */
import type { V1ManagedFieldsEntry } from '@kubernetes/client-node';

/** Tools that people change objects with; controllers, webhooks and helm set fields as a matter of course. */
const BY_HAND = /^(?:kubectl(?:-.*)?|k9s|Lens|node-fetch|Mozilla|dashboard|rancher)$/;

/** `kubectl rollout restart` leaves it; it changes nothing that a release declares. */
const HARMLESS = 'kubectl.kubernetes.io/restartedAt';

/** Dotted paths outside of metadata and status, at most five, each once. */
export function addedByHand(
  declared: Readonly<Record<string, unknown>>,
  managedFields: readonly V1ManagedFieldsEntry[],
): string[] {
  const added = managedFields
    .filter(({ manager = '', subresource }) => BY_HAND.test(manager) && subresource === undefined)
    .flatMap(({ fieldsV1 }) => {
      const {
        'f:metadata': _,
        'f:status': _status,
        ...fields
      } = isRecord(fieldsV1) ? fieldsV1 : {};
      return undeclared(fields, declared, '');
    });
  return [...new Set(added)].slice(0, 5);
}

/** The shallowest paths that are owned and not declared. */
function undeclared(
  fields: Readonly<Record<string, unknown>>,
  declared: unknown,
  path: string,
): string[] {
  return Object.entries(fields).flatMap(([key, inner]) => {
    const step = stepOf(key, declared);
    if (!step || step.name === HARMLESS) return [];
    const here = key.startsWith('k:') ? `${path}[${step.name}]` : joined(path, step.name);
    if (step.value === undefined)
      return isRecord(inner) && Object.hasOwn(inner, `f:${HARMLESS}`) ? [] : [here];
    return isRecord(inner) ? undeclared(inner, step.value, here) : [];
  });
}

interface Step {
  readonly name: string;
  /** What the manifest has there. */
  readonly value: unknown;
}

/** `f:NAME` is a member, `k:{…}` an element of a list by its keys; anything else tells nothing here. */
function stepOf(key: string, declared: unknown): Step | undefined {
  if (key.startsWith('f:')) {
    const name = key.slice(2);
    return { name, value: isRecord(declared) ? declared[name] : undefined };
  }
  if (!key.startsWith('k:')) return undefined;
  const keys: unknown = JSON.parse(key.slice(2));
  if (!isRecord(keys)) return undefined;
  const list: readonly unknown[] = Array.isArray(declared) ? declared : [];
  // What is left out of a manifest (a port's protocol) is the API server's default.
  const value = list.find(
    (each) =>
      isRecord(each) &&
      Object.entries(keys).every(([name, is]) => each[name] === undefined || each[name] === is),
  );
  return { name: Object.values(keys).join('/'), value };
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
