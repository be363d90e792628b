/**
 * What a swap would change, decided beforehand.
 */
import { BelayError, type Refusal } from '../../domain/errors.ts';
import type { Goal, Pins, Preview } from '../../domain/target.ts';
import type { ActContext } from '../../domain/act.ts';
import { isReference, showPlaces } from '../../cluster/place-images.ts';
import { readCurrent, type Current } from './current.ts';
import { compareManifests } from './compare.ts';
import { definitionNotes } from './definitions.ts';
import { readManifest } from './history.ts';
import { withLivePolicies } from './kept.ts';
import { parseManifest, type DeclaredObject } from './objects.ts';
import { placeInManifest } from './places.ts';
import { render, upgradeCall, type Rendered } from './render.ts';
import { rollbackHooks } from './rollback-hooks.ts';
import type { Scope } from './scope.ts';
import { conflictArgs } from './take-step.ts';
import { steady, steadyHooks } from './volatile.ts';

/** See `Target.preview`. */
export async function preview(
  scope: Scope,
  { pins, point }: Goal,
  { signal }: ActContext,
): Promise<Preview> {
  const found = readCurrent(scope, signal);
  const [current, to, wayBack] = await Promise.all([
    found,
    point ? ofRevision(scope, point.revision, signal) : ofUpgrade(scope, pins, signal),
    found.then((known) => wayBackNote(scope, known, signal)),
  ]);
  const refusals = versionRefusals(scope, to.objects, pins);
  const { changes, hazards, refused, notes } = compareManifests(
    await withLivePolicies(scope.cluster(), current.objects, to.objects),
    to.objects,
    scope.settings.cluster.namespace,
  );
  if (refusals.length + refused.length > 0)
    throw new BelayError('request', [...refusals, ...refused]);
  const { places } = placeInManifest(to.objects, scope.components);
  return {
    changes: [
      ...changes,
      {
        kind: 'command',
        argv: await commandOf(scope, { pins, ...(point && { point }) }, current, signal),
        effect: `rolls out ${showPlaces(places)}, and belay watches it`,
      },
    ],
    hazards,
    notes: [...notes, ...to.notes, wayBack, ...chartNote(scope)],
  };
}

function chartNote({ declaredChart }: Scope): string[] {
  return declaredChart === undefined ? [] : [`the chart ${declaredChart} comes from the bundle`];
}

interface Wanted {
  readonly objects: readonly DeclaredObject[];
  readonly notes: readonly string[];
}

async function ofUpgrade(scope: Scope, pins: Pins, signal: AbortSignal): Promise<Wanted> {
  const [[first, second], definitions] = await Promise.all([
    renderTwice(scope, pins, signal),
    definitionNotes(scope, pins, signal),
  ]);
  const { objects, volatile } = steady(first.objects, second.objects);
  const hooks = steadyHooks(first.hooks, second.hooks).filter(({ events }) =>
    events.some((event) => /upgrade/.test(event)),
  );
  return {
    objects,
    notes: [
      ...volatile.map((field) => `differs at every rendering: ${field}`),
      ...hooks.map(({ name, events }) => `hook ${name} runs (${events.join(', ')})`),
      ...definitions,
    ],
  };
}

/** One after the other: two may differ by nothing but chance and time, and that is what is looked for. */
async function renderTwice(
  scope: Scope,
  pins: Pins,
  signal: AbortSignal,
): Promise<readonly [Rendered, Rendered]> {
  const first = await render(scope, pins, signal);
  return [first, await render(scope, pins, signal)];
}

async function ofRevision(scope: Scope, revision: number, signal: AbortSignal): Promise<Wanted> {
  const { helm, settings } = scope;
  const manifest = await readManifest(helm, settings.release, revision, signal);
  const hooks = await hooksWords(scope, revision, signal);
  return { objects: parseManifest(manifest), notes: [`revision ${revision}: ${hooks}`] };
}

/** A version that the chart ignores would be "upgraded" without anything running it. */
function versionRefusals(
  { components, settings }: Scope,
  objects: readonly DeclaredObject[],
  pins: Pins,
): Refusal[] {
  const { references } = placeInManifest(objects, components);
  return Object.entries(pins).flatMap(([component, { reference }]) => {
    const declared = references[component];
    if (declared === undefined || isReference(declared, reference)) return [];
    const paths = Object.keys(settings.versionValues[component] ?? {}).join(', ');
    const hasNoTag = /(?:^|\/)[^/:@]*@/.test(declared);
    return [
      hasNoTag
        ? {
            code: 'tag-missing',
            message: `The chart renders ${declared} for ${component}, without a tag: versions are read from tags`,
            remedy: `Have it render the tag, and leave the digest empty: values: {image.tag: '{tag}', image.digest: ''}`,
          }
        : {
            code: 'version-ignored',
            message: `The chart renders ${declared} for ${component} and not ${reference}: nothing in the chart reads ${paths}`,
            remedy:
              'Name the values that carry the version: target helm components values in the deployment file',
          },
    ];
  });
}

async function commandOf(
  scope: Scope,
  { pins, point }: Goal,
  { last }: Current,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { release, hooksOnRollback, program } = scope.settings;
  const force = await conflictArgs(scope, point?.revision ?? last.revision, signal);
  if (point)
    return [
      program,
      'rollback',
      release,
      String(point.revision),
      ...(hooksOnRollback ? [] : ['--no-hooks']),
      ...force,
    ];
  const { args } = await upgradeCall(scope, pins);
  return [program, ...args.map((arg) => declared(scope, arg)), ...force];
}

/** A plan names the chart where it will be, and not the copy that it looked at. */
function declared({ settings: { chart }, declaredChart }: Scope, arg: string): string {
  const isCopy = chart.from === 'path' && arg === chart.path;
  return isCopy && declaredChart !== undefined ? declaredChart : arg;
}

async function wayBackNote(
  scope: Scope,
  { deployed: { revision } }: Current,
  signal: AbortSignal,
): Promise<string> {
  const { release } = scope.settings;
  const hooks = await hooksWords(scope, revision, signal);
  return `the way back is \`helm rollback ${release} ${revision}\`: ${hooks}`;
}

/** All or none: helm can't be told which. */
async function hooksWords(scope: Scope, revision: number, signal: AbortSignal): Promise<string> {
  const names = (await rollbackHooks(scope, revision, signal)).join(', ');
  if (names === '') return 'that revision has no hooks for a rollback';
  return scope.settings.hooksOnRollback
    ? `it runs ${names} of that revision (hooks-on-rollback: false runs none)`
    : `it runs no hook (hooks-on-rollback: false), not even ${names}`;
}
