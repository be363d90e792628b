/**
 * YAML text → its value, and where in the text each part of it stands.
 */
import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
} from 'yaml';
import type { Document, Node, YAMLMap } from 'yaml';
import { maskPassword } from './mask.ts';

/** A place in the text; both count from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with the text, as YAML. */
export interface YamlProblem {
  readonly place: Place;
  readonly message: string;
  readonly remedy: string;
}

/** A parsed text. */
export interface ParsedYaml {
  readonly value: unknown;
  /** The place of the part at `path`, or of the nearest part that is there. */
  readonly locate: (path: readonly PropertyKey[]) => Place;
}

const START: Place = { line: 1, column: 1 };

const REMEDY: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces',
  DUPLICATE_KEY: 'Keep one of the two',
  MULTIPLE_DOCS: 'Keep one document: remove the line "---" and what belongs to the other',
};

/** Parses one YAML document that is a mapping; anchors, aliases and merge keys are welcome. */
export function parseYaml(text: string): ParsedYaml | { readonly problems: YamlProblem[] } {
  const lines = new LineCounter();
  // Pretty errors would quote lines of the file, and with them whatever secret someone wrote there.
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
  });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return line === 0 ? START : { line, column: col };
  };
  const problems = [...documents].flatMap((document) =>
    [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
      place: placeAt(pos[0]),
      message: code === 'DUPLICATE_KEY' ? `the key ${quoted(text, pos)} is there twice` : message,
      remedy: REMEDY[code] ?? 'Correct the YAML there',
    })),
  );
  if (problems.length > 0) return { problems };
  const [document, second] = 'empty' in documents ? [] : documents;
  if (second) return { problems: [severalDocuments(placeAt(second.range[0]))] };
  return readDocument(document, placeAt);
}

function quoted(text: string, [from]: [number, number]): string {
  return `"${maskPassword(/^[^:\s]{1,60}/.exec(text.slice(from))?.[0] ?? '')}"`;
}

function severalDocuments(place: Place): YamlProblem {
  return {
    place,
    message: 'a second YAML document begins here, but the file must hold one',
    remedy: REMEDY['MULTIPLE_DOCS'] ?? '',
  };
}

function readDocument(
  document: Document.Parsed | undefined,
  placeAt: (offset: number) => Place,
): ParsedYaml | { readonly problems: YamlProblem[] } {
  const remedy = 'Begin it with a key, such as "name: acme"';
  if (!document || document.contents === null) {
    return { problems: [{ place: START, message: 'the file is empty', remedy }] };
  }
  const root = document.contents;
  const place = placeAt(root.range[0]);
  if (!isMap(root)) {
    const kind = isSeq(root) ? 'a list' : 'a single value';
    return { problems: [{ place, message: `expected a mapping, found ${kind}`, remedy }] };
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    const locate = (path: readonly PropertyKey[]) => placeAt(offsetOf(document, root, path));
    return { value, locate };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { problems: [{ place, message, remedy: 'Correct the anchors and aliases' }] };
  }
}

/** Follows the path through aliases and merge keys as far as it goes. */
function offsetOf(document: Document, root: Node, path: readonly PropertyKey[]): number {
  let offset = root.range?.[0] ?? 0;
  let node: unknown = root;
  for (const key of path) {
    const found = step(document, node, key);
    if (!found) break;
    offset = found.offset;
    node = found.value;
  }
  return offset;
}

function step(document: Document, node: unknown, key: PropertyKey) {
  const resolved = resolve(document, node);
  if (isSeq(resolved)) {
    const item = resolved.items[Number(key)];
    return isNode(item) ? { offset: item.range?.[0] ?? 0, value: item } : undefined;
  }
  return isMap(resolved) ? findKey(document, resolved, String(key)) : undefined;
}

function resolve(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function findKey(
  document: Document,
  map: YAMLMap,
  key: string,
): { offset: number; value: unknown } | undefined {
  for (const pair of map.items) {
    if (isPair(pair) && isScalar(pair.key) && String(pair.key.value) === key)
      return { offset: pair.key.range?.[0] ?? 0, value: pair.value };
  }
  for (const pair of map.items) {
    if (!isScalar(pair.key) || pair.key.source !== '<<') continue;
    const merged = resolve(document, pair.value);
    const sources = isSeq(merged) ? merged.items : [merged];
    for (const source of sources) {
      const found = step(document, source, key);
      if (found) return found;
    }
  }
  return undefined;
}
