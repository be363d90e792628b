/**
 * Two manifests, object by object: what is added, removed, changed; what nobody may change; what restarts. Pure.
 */
import { stringify } from 'yaml';
import type { Refusal } from '../../domain/errors.ts';
import type { Change, Hazard } from '../../domain/target.ts';
import { diffObject } from './object-diff.ts';
import { keyOf, maskedObject, showObject, type DeclaredObject } from './objects.ts';

/** What a comparison finds. */
export interface Comparison {
  readonly changes: readonly Change[];
  readonly hazards: readonly Hazard[];
  readonly refused: readonly Refusal[];
  readonly notes: readonly string[];
}

/** Kinds that carry what a rollback can't bring back. */
const PRECIOUS = new Set([
  'PersistentVolumeClaim',
  'PersistentVolume',
  'CustomResourceDefinition',
  'Namespace',
]);

const RESTARTING = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** From the release's manifest to the one that is wanted. `home`: the release's namespace. */
export function compareManifests(
  before: readonly DeclaredObject[],
  after: readonly DeclaredObject[],
  home: string,
): Comparison {
  const byKey = (objects: readonly DeclaredObject[]) =>
    new Map(objects.map((object) => [keyOf(object, home), object]));
  const [old, fresh] = [byKey(before), byKey(after)];
  const text = (object: DeclaredObject | undefined, other?: DeclaredObject) =>
    object === undefined
      ? ''
      : stringify(maskedObject(object, other), { sortMapEntries: true, lineWidth: 0 });
  const changes: Change[] = [];
  const notes: string[] = [];
  const refused: Refusal[] = [];
  const hazards: Hazard[] = [];
  for (const [key, object] of [...old, ...[...fresh].filter(([each]) => !old.has(each))]) {
    const [was, is] = [old.get(key), fresh.get(key)];
    const [from, to] = [text(was), text(is, was)];
    if (from === to) continue;
    const shown = showObject(object);
    changes.push({ kind: 'edit', file: shown, diff: diffObject(shown, from, to) });
    if (!is) hazards.push(...removalHazards(object));
    else if (!was) notes.push(additionNote(object));
    else {
      refused.push(...immutableChanges(was, is));
      if (RESTARTING.has(object.kind) && templateOf(was) !== templateOf(is))
        notes.push(`${shown} restarts its pods`);
      if (object.kind === 'Secret') notes.push(`${shown} changes its values`);
    }
    if (!is) notes.push(`${shown} is removed`);
  }
  return { changes, hazards, refused, notes };
}

function additionNote(object: DeclaredObject): string {
  const added = `${showObject(object)} is added`;
  return PRECIOUS.has(object.kind) && !isKept(object)
    ? `${added}; a way back removes it, with all that is in it by then`
    : added;
}

/** Those whose removal is a danger, unless a policy keeps them. */
export function preciousRemoved(
  before: readonly DeclaredObject[],
  after: readonly DeclaredObject[],
  home: string,
): readonly DeclaredObject[] {
  const stays = new Set(after.map((object) => keyOf(object, home)));
  return before.filter((object) => PRECIOUS.has(object.kind) && !stays.has(keyOf(object, home)));
}

function removalHazards(object: DeclaredObject): Hazard[] {
  if (!PRECIOUS.has(object.kind) || isKept(object)) return [];
  const shown = showObject(object);
  return [
    {
      name: `remove:${object.kind}/${object.name}`,
      message: `${shown} would be removed with all that is in it, and a way back would bring it back empty`,
      remedy:
        'Keep it: annotate it with helm.sh/resource-policy: keep, in the chart or with kubectl',
    },
  ];
}

function isKept({ annotations }: DeclaredObject): boolean {
  return annotations['helm.sh/resource-policy'] === 'keep';
}

function templateOf({ object }: DeclaredObject): string {
  return textOf(at(object, ['spec', 'template']) ?? null);
}

/** Fields that a cluster lets nobody change; for a StatefulSet, those that it does. */
const FROZEN: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Deployment: [['spec', 'selector']],
  DaemonSet: [['spec', 'selector']],
  ReplicaSet: [['spec', 'selector']],
  Job: [
    ['spec', 'template'],
    ['spec', 'selector'],
    ['spec', 'completionMode'],
  ],
  Service: [['spec', 'clusterIP']],
  PersistentVolumeClaim: [
    ['spec', 'accessModes'],
    ['spec', 'storageClassName'],
    ['spec', 'volumeName'],
    ['spec', 'volumeMode'],
    ['spec', 'selector'],
  ],
  RoleBinding: [['roleRef']],
  ClusterRoleBinding: [['roleRef']],
};

const STATEFUL_SET_FREE = new Set([
  'replicas',
  'template',
  'updateStrategy',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
  'ordinals',
  'revisionHistoryLimit',
]);

function immutableChanges(was: DeclaredObject, is: DeclaredObject): Refusal[] {
  return frozenPaths(was, is)
    .filter((path) => {
      const [before, after] = [at(was.object, path), at(is.object, path)];
      // What a chart leaves out the cluster fills in, and nobody can say whether with the same.
      if (before === undefined || after === undefined)
        return path.at(-1) === 'volumeClaimTemplates' && !isEmpty(before ?? after);
      return textOf(before) !== textOf(after);
    })
    .map((path) => ({
      code: 'immutable-field',
      message: `${showObject(is)}: ${path.join('.')} would change, which a cluster lets nobody do`,
      remedy: 'Give the object another name in the chart, or replace it by hand in a maintenance',
    }));
}

function frozenPaths(was: DeclaredObject, is: DeclaredObject): readonly (readonly string[])[] {
  if (was.kind === 'StatefulSet') {
    const members = [at(was.object, ['spec']), at(is.object, ['spec'])].flatMap((spec) =>
      isRecord(spec) ? Object.keys(spec) : [],
    );
    return [...new Set(members)]
      .filter((member) => !STATEFUL_SET_FREE.has(member))
      .map((member) => ['spec', member]);
  }
  if ((was.kind === 'ConfigMap' || was.kind === 'Secret') && was.object['immutable'] === true)
    return [['data'], ['stringData'], ['binaryData']];
  return FROZEN[was.kind] ?? [];
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** The same for the same data, whatever the order of keys. */
function textOf(value: unknown): string {
  return stringify(value, { sortMapEntries: true });
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
