/**
 * One Compose file as YAML with places: what it says of a service, and at which byte.
 */
import { resolve } from 'node:path';
import { isMap, isScalar, isSeq, parseDocument, type ParsedNode, type YAMLMap } from 'yaml';
import type { Refusal } from '../../domain/errors.ts';
import { lineAt } from './env-file.ts';

/** A Compose file with its text. */
export interface ComposeFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  readonly root: YAMLMap.Parsed | undefined;
  readonly problems: readonly Refusal[];
}

/** What one file says of one service. */
export interface ServiceText {
  /** 1-based line of the service's name. */
  readonly line: number;
  /** The value is a map of its own, not an alias or nothing. */
  readonly node: YAMLMap.Parsed | undefined;
  readonly image: ParsedNode | null | undefined;
  readonly has: (key: string) => boolean;
}

/** Parses a file; what is wrong with it is in `problems`, with the line. */
export function parseComposeFile(path: string, text: string): ComposeFile {
  const document = parseDocument(text, { logLevel: 'silent' });
  const problems = document.errors.map(({ linePos, message }): Refusal => {
    const line = linePos?.[0].line;
    return {
      code: 'compose-not-yaml',
      message: `${path}${line === undefined ? '' : `:${line}`}: ${message.split('\n')[0] ?? ''}`,
      remedy: 'Correct the file; `docker compose config` must accept it',
    };
  });
  const root = isMap(document.contents) ? document.contents : undefined;
  if (root === undefined && problems.length === 0)
    problems.push({
      code: 'compose-not-yaml',
      message: `${path}:1: is not a Compose file: no \`services:\` in it`,
      remedy: 'Correct target.compose.files in the deployment file',
    });
  return { path, text, root, problems };
}

/** What the file says of `service`; undefined when it does not name it. */
export function findService(file: ComposeFile, service: string): ServiceText | undefined {
  const services = mapAt(file.root, 'services');
  const pair = services && pairOf(services, service);
  if (!pair) return undefined;
  const node = isMap(pair.value) ? pair.value : undefined;
  return {
    line: lineOf(file, pair.key),
    node,
    image: node && pairOf(node, 'image')?.value,
    has: (key) => node !== undefined && pairOf(node, key) !== undefined,
  };
}

/** 1-based line of a node. */
export function lineOf(file: ComposeFile, node: ParsedNode | null | undefined): number {
  return lineAt(file.text, node?.range[0] ?? 0);
}

/**
 * Where definitions come from beyond the project's own files, or undefined. Such a file may point back at one that is
 * to be edited, and then a proof on copies proves nothing.
 */
export function reachesOut(file: ComposeFile): { line: number; what: string } | undefined {
  const include = file.root && pairOf(file.root, 'include');
  if (include) return { line: lineOf(file, include.key), what: '`include`' };
  for (const service of mapAt(file.root, 'services')?.items ?? []) {
    if (!isMap(service.value)) continue;
    const extended = pairOf(service.value, 'extends');
    if (extended && isMap(extended.value) && extended.value.has('file'))
      return { line: lineOf(file, extended.key), what: '`extends` with `file`' };
  }
  return undefined;
}

/** Absolute paths of all `env_file`s, as far as they are written out; `unclear` when one is not. */
export function envFilesOfServices(
  file: ComposeFile,
  directory: string,
): { readonly paths: readonly string[]; readonly unclear: boolean } {
  const written = (mapAt(file.root, 'services')?.items ?? []).flatMap(({ value }) => {
    const entry = isMap(value) ? pairOf(value, 'env_file')?.value : undefined;
    if (entry === undefined || entry === null) return [];
    const list = isSeq(entry) ? entry.items : [entry];
    return list.map((item) => (isMap(item) ? item.get('path', true) : item));
  });
  const texts = written.map((node) => (isScalar(node) ? String(node.value) : undefined));
  const known = texts.filter((text) => text !== undefined && !text.includes('$'));
  return {
    paths: known.map((text) => resolve(directory, text ?? '')),
    unclear: known.length < texts.length,
  };
}

function mapAt(map: YAMLMap.Parsed | undefined, key: string): YAMLMap.Parsed | undefined {
  const value = map && pairOf(map, key)?.value;
  return isMap(value) ? value : undefined;
}

function pairOf(map: YAMLMap.Parsed, key: string) {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}
