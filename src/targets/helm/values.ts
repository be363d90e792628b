/**
 * The values of an upgrade. Files are given to helm as they are, so that it reads and merges them itself; what belay adds
 * comes last, by stdin.
 */
import { readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import type { ComponentSettings, HelmSettings } from '../../domain/deployment.ts';
import { BelayError, failure, type Refusal } from '../../domain/errors.ts';
import { versionOfReference } from '../../domain/image-tag.ts';
import type { Pins } from '../../domain/target.ts';

/** A tree of values. */
export type Values = Readonly<Record<string, unknown>>;

/** Arguments and stdin for helm. */
export interface GivenValues {
  readonly args: readonly string[];
  readonly input: string;
}

/** `--reset-values`: the declared values are the whole truth, and nothing of the last release is carried on. */
export function givenValues(
  settings: HelmSettings,
  components: Readonly<Record<string, ComponentSettings>>,
  pins: Pins,
): GivenValues {
  const files = settings.values.flatMap((file) => ['--values', file]);
  return {
    args: ['--reset-values', ...files, '--values', '-'],
    input: stringify(ownValues(settings, components, pins)),
  };
}

/** `set`, then the values that carry the version. */
function ownValues(
  { set, versionValues }: HelmSettings,
  components: Readonly<Record<string, ComponentSettings>>,
  pins: Pins,
): Values {
  let values: Values = {};
  for (const [path, value] of Object.entries(set)) values = withValue(values, path, value);
  for (const [component, templates] of Object.entries(versionValues)) {
    const pin = pins[component];
    const described = components[component];
    if (!pin || !described) continue;
    const filled = {
      tag: tagOf(pin.reference),
      version: versionOfReference(described, pin.reference) ?? tagOf(pin.reference),
      digest: pin.digest ?? '',
      repository: described.image,
    };
    for (const [path, template] of Object.entries(templates))
      values = withValue(values, path, fill(template, filled));
  }
  return values;
}

/** What a template's words stand for. */
type Filled = Readonly<Record<'tag' | 'version' | 'digest' | 'repository', string>>;

function fill(template: string, filled: Filled): string {
  const words: Readonly<Record<string, string>> = filled;
  return template.replaceAll(/\{(tag|version|digest|repository)\}/g, (_, word: string) => {
    return words[word] ?? '';
  });
}

function tagOf(reference: string): string {
  const [named = ''] = reference.split('@');
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  return colon < 0 ? '' : named.slice(colon + 1);
}

/** A copy with the value at a dotted path; `\.` is a dot in a name, as helm writes it. */
function withValue(values: Values, path: string, value: unknown): Values {
  const [first = '', ...rest] = splitPath(path);
  return { ...values, [first]: rest.length === 0 ? value : within(values[first], rest, value) };
}

function within(inner: unknown, path: readonly string[], value: unknown): Values {
  const [first = '', ...rest] = path;
  const tree = isTree(inner) ? inner : {};
  return { ...tree, [first]: rest.length === 0 ? value : within(tree[first], rest, value) };
}

function splitPath(path: string): string[] {
  return path.split(/(?<!\\)\./).map((part) => part.replaceAll('\\.', '.'));
}

function isTree(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads the values files: only their keys matter here. Throws `request` naming the file. */
export async function readValuesFiles(files: readonly string[]): Promise<Values[]> {
  const read = await Promise.allSettled(files.map((file) => readValuesFile(file)));
  const refusals = read.flatMap((result) =>
    result.status === 'rejected' && result.reason instanceof BelayError
      ? result.reason.refusals
      : [],
  );
  if (refusals.length > 0) throw new BelayError('request', refusals);
  return read.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function readValuesFile(file: string): Promise<Values> {
  let value: unknown;
  try {
    value = parse(await readFile(file, 'utf8'), {
      version: '1.1',
      merge: true,
      logLevel: 'silent',
    });
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw failure(
      'request',
      missing ? 'values-missing' : 'values-unreadable',
      `The values file ${file} ${missing ? 'does not exist' : 'can’t be read as YAML'}`,
      'Correct the file, or target helm values in the deployment file',
    );
  }
  if (value === null || value === undefined) return {};
  if (isTree(value)) return value;
  throw failure(
    'request',
    'values-unreadable',
    `The values file ${file} holds no mapping`,
    'Write values as a mapping',
  );
}

/**
 * What the release has by its user's own values and no file declares, by dotted path: `--reset-values` would drop it
 * silently. Values are not named: they may be secret.
 */
export function undeclaredValues(
  settings: HelmSettings,
  released: Values,
  files: readonly Values[],
): Refusal[] {
  const versionPaths = Object.values(settings.versionValues).flatMap((paths) => Object.keys(paths));
  const paths = [...Object.keys(settings.set), ...versionPaths].map(splitPath);
  const declared = (path: readonly string[]) =>
    files.some((file) => has(file, path)) ||
    paths.some((each) => each.every((part, at) => path[at] === part));
  return leaves(released)
    .filter((path) => !declared(path))
    .map((path) => ({
      code: 'values-undeclared',
      message: `Release ${settings.release} has the value ${path.join('.')}, which no file declares: an upgrade would drop it`,
      remedy: `Write ${path.join('.')} into a values file that the deployment names (see \`helm get values ${settings.release} --namespace ${settings.cluster.namespace}\`)`,
    }));
}

function has(tree: unknown, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true;
  // A list or a plain value at a shorter path declares all of what is below it.
  if (!isTree(tree)) return true;
  return Object.hasOwn(tree, first) && has(tree[first], rest);
}

function leaves(tree: Values, path: readonly string[] = []): (readonly string[])[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const here = [...path, key];
    if (isTree(value) && Object.keys(value).length > 0) return leaves(value, here);
    // null takes a chart's default away, and what nobody set needs no declaration.
    return value === null ? [] : [here];
  });
}
