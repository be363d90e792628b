/**
 * Finds the bytes that define a component's image, and what they must become. Pure; whatever it does not understand it
 * refuses, with file, line and reason.
 */
import { isScalar, type Scalar } from 'yaml';
import type { Refusal } from '../../domain/errors.ts';
import { envFilesOfServices, findService, lineOf, reachesOut } from './compose-file.ts';
import type { ComposeFile, ServiceText } from './compose-file.ts';
import { lineAt } from './env-file.ts';
import { shownPath, type EnvText, type Project } from './project.ts';
import { parseTemplate, renderPart, solveTemplate, type TemplatePart } from './template.ts';

/** Bytes (as offsets of the text) to replace in one file. */
export interface Edit {
  /** Absolute. */
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

/** Nothing to do, one edit, or why not. */
export type FoundEdit = { readonly edit?: Edit } | { readonly refusal: Refusal };

/** Finds the edit after which `service` declares `wanted`. `reserved`: variables that no environment file decides. */
export function findEdit(
  project: Project,
  service: string,
  wanted: string,
  reserved: ReadonlySet<string>,
): FoundEdit {
  const found = findImage(project, service);
  if ('refusal' in found) return found;
  const { file, scalar } = found;
  const line = lineOf(file, scalar);
  const refuse = (why: string) => ({ refusal: unsafe(project, file.path, line, service, why) });
  const place = innerRange(file, scalar);
  if (place === undefined)
    return refuse('its image has escapes, an anchor, a tag, or spans lines; write it plainly');
  const parts = parseTemplate(place.text);
  if (parts === undefined)
    return refuse(`it does not understand "${place.text}" (only $VAR, \${VAR}, \${VAR:-default})`);
  if (parts.every((part) => 'text' in part)) {
    if (place.text === wanted) return {};
    return { edit: { path: file.path, start: place.start, end: place.end, text: wanted, line } };
  }
  const outside = project.composeFiles.flatMap((each) => {
    const out = reachesOut(each);
    return out ? [`${shownPath(project, each.path)}:${out.line} uses ${out.what}`] : [];
  })[0];
  if (outside) return refuse(`${outside}, which may use the same variable`);
  return findVariableEdit(project, service, parts, wanted, reserved, refuse);
}

type Refuse = (why: string) => { readonly refusal: Refusal };

function findImage(
  project: Project,
  service: string,
): { file: ComposeFile; scalar: Scalar.Parsed } | { refusal: Refusal } {
  const named = project.composeFiles.flatMap((file) => {
    const text = findService(file, service);
    return text ? [{ file, text }] : [];
  });
  const [first] = named;
  if (!first) return { refusal: missingService(project, service) };
  const refuse = ({ file, text }: typeof first, why: string) => ({
    refusal: unsafe(project, file.path, text.line, service, why),
  });
  const extended = named.find(({ text }) => text.has('extends'));
  if (extended) return refuse(extended, 'the service uses `extends`');
  const defining = named.filter(({ text }) => text.has('image'));
  const [only, second] = defining;
  if (second) return refuse(second, `its image is also in ${shownPath(project, first.file.path)}`);
  if (!only) return refuse(first, whyNoImage(first.text));
  const outside = reachesOut(only.file);
  if (outside)
    return refuse(
      only,
      `${shownPath(project, only.file.path)}:${outside.line} has ${outside.what}`,
    );
  const { image } = only.text;
  if (!isScalar(image)) return refuse(only, 'its image is an alias or not a text');
  return { file: only.file, scalar: image };
}

function whyNoImage({ node, has }: ServiceText): string {
  if (node === undefined) return 'the service is an alias or empty';
  if (has('<<')) return 'its image comes through a merge key (`<<`)';
  return has('build') ? 'it has `build:` and no image' : 'it has no image';
}

function innerRange(
  file: ComposeFile,
  scalar: Scalar.Parsed,
): { start: number; end: number; text: string } | undefined {
  const [from, to] = scalar.range;
  const quoted = scalar.type === 'QUOTE_DOUBLE' || scalar.type === 'QUOTE_SINGLE';
  if (!quoted && scalar.type !== 'PLAIN') return undefined;
  if (scalar.anchor !== undefined || scalar.tag !== undefined) return undefined;
  const [start, end] = quoted ? [from + 1, to - 1] : [from, to];
  const text = file.text.slice(start, end);
  return text === scalar.value ? { start, end, text } : undefined;
}

function findVariableEdit(
  project: Project,
  service: string,
  parts: readonly TemplatePart[],
  wanted: string,
  reserved: ReadonlySet<string>,
  refuse: Refuse,
): FoundEdit {
  const broken = project.envFiles.find((file) => file.broken !== undefined);
  if (broken?.broken)
    return refuse(`${shownPath(project, broken.path)}:${broken.broken.line} ${broken.broken.why}`);
  const values = new Map<string, string>();
  for (const part of parts) {
    if (!('variable' in part)) continue;
    const set = definitions(project, part.variable);
    if (reserved.has(part.variable)) return refuse(`${part.variable} is set by the system`);
    const last = set.at(-1);
    if (last?.entry.notSimple !== undefined) return refuse(whereNotSimple(project, last));
    if (last) values.set(part.variable, last.entry.value);
  }
  if (parts.map((part) => renderPart(part, values)).join('') === wanted) return {};
  const solved = solveTemplate(parts, values, wanted);
  if (!solved)
    return refuse(`no single variable of it can be changed so that it becomes ${wanted}`);
  return spliceVariable(project, solved, refuse);
}

interface Definition {
  readonly file: EnvText;
  readonly entry: EnvText['entries'][number];
}

function definitions(project: Project, variable: string): readonly Definition[] {
  return project.envFiles.flatMap((file) =>
    file.entries.filter(({ name }) => name === variable).map((entry) => ({ file, entry })),
  );
}

function whereNotSimple(project: Project, { file, entry }: Definition): string {
  return `${shownPath(project, file.path)}:${entry.line}: ${entry.name} ${entry.notSimple ?? ''}`;
}

function spliceVariable(
  project: Project,
  { variable, value }: { variable: string; value: string },
  refuse: Refuse,
): FoundEdit {
  const [only, second] = definitions(project, variable);
  if (!only) return refuse(`${variable} is set in no environment file; only its default applies`);
  const { file, entry } = only;
  const where = `${shownPath(project, file.path)}:${entry.line}`;
  if (second) return refuse(`${variable} is set twice, at ${where} and line ${second.entry.line}`);
  if (entry.value === '') return refuse(`${variable} is empty at ${where}`);
  const feeding = project.composeFiles.find((each) => {
    const { paths, unclear } = envFilesOfServices(each, project.directory);
    return unclear || paths.includes(file.path);
  });
  if (feeding)
    return refuse(
      `${shownPath(project, feeding.path)} gives ${shownPath(project, file.path)} to containers by \`env_file\`, so ${variable} would change more than the image`,
    );
  const { start, end } = entry;
  return { edit: { path: file.path, start, end, text: value, line: lineAt(file.text, start) } };
}

/** The refusal for a service that no file names. */
export function missingService(project: Project, service: string): Refusal {
  const files = project.composeFiles.map(({ path }) => path).join(', ');
  return {
    code: 'service-missing',
    message: `service ${service} is not in ${files}`,
    remedy: 'Correct target.compose.components in the deployment file',
  };
}

function unsafe(
  project: Project,
  path: string,
  line: number,
  service: string,
  why: string,
): Refusal {
  return {
    code: 'edit-unsafe',
    message: `${path}:${line}: belay can't safely change the image of service ${service}: ${why}`,
    remedy: `Write the service's image plainly in ${shownPath(project, path)}, or its tag as a variable in .env`,
  };
}
