/**
 * Decides, and proves on copies, the edit after which the files declare the pins. Changes nothing.
 */
import { BelayError, failure, type Refusal } from '../../domain/errors.ts';
import type { Pins } from '../../domain/target.ts';
import type { Resolved, Resolver } from './config.ts';
import { findEdit, type Edit } from './find-edit.ts';
import { proveEdit } from './prove.ts';
import { shownPath, withTexts, type Project } from './project.ts';

/** One file's new text. */
export interface FileEdit {
  /** Absolute. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly edits: readonly Edit[];
}

/** A proven edit; no files when they declare the pins already. */
export interface PlannedEdit {
  readonly files: readonly FileEdit[];
  /** What Compose makes of the files once edited. */
  readonly resolved: Resolved;
}

/** Finds the edits for all pins, together with every reason why not. Pure. */
export function findEdits(
  project: Project,
  pins: Pins,
  reserved: ReadonlySet<string>,
): readonly FileEdit[] {
  const found = Object.entries(pins).map(([service, { reference }]) =>
    findEdit(project, service, reference, reserved),
  );
  const refusals = found.flatMap((each) => ('refusal' in each ? [each.refusal] : []));
  if (refusals.length > 0) throw new BelayError('request', refusals);
  const edits = found.flatMap((each) => ('edit' in each ? [each.edit] : []));
  const clash = edits.find((a) => edits.some((b) => overlaps(a, b) && a.text !== b.text));
  if (clash) throw failure('request', 'edit-unsafe', ...clashing(project, clash));
  return [...project.composeFiles, ...project.envFiles].flatMap(({ path, text }) => {
    const own = edits.filter((edit) => edit.path === path);
    const distinct = own.filter((edit, i) => own.findIndex((b) => overlaps(edit, b)) === i);
    return distinct.length === 0
      ? []
      : [{ path, before: text, after: splice(text, distinct), edits: distinct }];
  });
}

function clashing(project: Project, { path, line }: Edit): readonly [string, string] {
  return [
    `${path}:${line}: two components take their image from this one place, and are to become different`,
    `Give each its own image or variable in ${shownPath(project, path)}`,
  ];
}

function overlaps(a: Edit, b: Edit): boolean {
  return a.path === b.path && a.start < b.end && b.start < a.end;
}

/** Replaces the edits' bytes and no other. */
function splice(text: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce(
      (done, { start, end, text: part }) => done.slice(0, start) + part + done.slice(end),
      text,
    );
}

/**
 * Plans the edit and proves it: Compose must resolve both texts, and only the planned images may differ.
 *
 * @throws BelayError fault `request`: not understood, or it would change something else.
 */
export async function planEdit(
  project: Project,
  pins: Pins,
  resolver: Resolver,
  reserved: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<PlannedEdit> {
  const files = findEdits(project, pins, reserved);
  const current = await resolver.resolve(project, signal);
  if (files.length === 0) return { files, resolved: current };
  const edited = withTexts(project, new Map(files.map(({ path, after }) => [path, after])));
  const resolved = await resolver.resolveEdited(edited, project, signal);
  const wanted = Object.fromEntries(
    Object.entries(pins).map(([service, { reference }]) => [service, reference]),
  );
  const { unplanned, missed } = proveEdit(current.whole, resolved.whole, wanted);
  const refusals = [
    ...unplanned.map((path) => notProven(files, `would also change ${path}`)),
    ...missed.map((service) =>
      notProven(files, `would not give ${service} the image ${wanted[service] ?? ''}`),
    ),
  ];
  if (refusals.length > 0) throw new BelayError('request', refusals);
  return { files, resolved };
}

function notProven(files: readonly FileEdit[], why: string): Refusal {
  const places = files.flatMap(({ path, edits }) => edits.map(({ line }) => `${path}:${line}`));
  return {
    code: 'edit-unproven',
    message: `${places.join(', ')}: the edit ${why}`,
    remedy: 'Give the component an image or variable of its own, then try again',
  };
}
