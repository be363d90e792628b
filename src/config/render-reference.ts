/**
 * The reference of a file as Markdown, from its JSON Schema: what the loader takes is what is described.
 */
import { DURATION_PATTERN } from '../domain/quantities.ts';
import { readSchema, type SchemaNode } from './known-keys.ts';

interface Row {
  readonly key: string;
  readonly value: string;
  readonly fallback: string;
  readonly meaning: string;
}

/** Renders every key: its place, what it takes, its default, its meaning. */
export function renderReference(schema: unknown): string {
  const root = readSchema(schema);
  return [
    '| key | value | default | meaning |',
    '| --- | --- | --- | --- |',
    ...rowsOf(root, '').map(
      ({ key, value, fallback, meaning }) =>
        `| \`${key}\` | ${cell(value)} | ${cell(fallback)} | ${cell(meaning)} |`,
    ),
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function rowsOf(node: SchemaNode, at: string): Row[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const key = at === '' ? name : `${at}.${name}`;
    const required = node.required?.includes(name) === true;
    return [rowOf(child, key, required), ...rowsBelow(child, key)];
  });
}

/** Rows of what lies inside: members, named entries, items, and the members of each alternative. */
function rowsBelow(node: SchemaNode, key: string): Row[] {
  const entries = node.additionalProperties;
  return [
    ...rowsOf(node, key),
    ...(typeof entries === 'object' ? rowsBelow(entries, `${key}.<name>`) : []),
    ...(node.items ? rowsBelow(node.items, `${key}[]`) : []),
    ...alternativesOf(node).flatMap((option) => {
      const how = option.properties?.['how']?.const;
      if (how === undefined) return [];
      const { how: _, ...rest } = option.properties ?? {};
      const meaning = option.description ?? '';
      const own = { key: `${key}.how`, value: `\`${show(how)}\``, fallback: '', meaning };
      return [own, ...rowsOf({ ...option, properties: rest }, key)];
    }),
  ];
}

function alternativesOf(node: SchemaNode): readonly SchemaNode[] {
  return [...(node.oneOf ?? []), ...(node.anyOf ?? [])].filter(
    ({ properties }) => properties !== undefined,
  );
}

function rowOf(node: SchemaNode, key: string, required: boolean): Row {
  const fallback =
    node.default === undefined ? (required ? '**required**' : '') : `\`${show(node.default)}\``;
  return { key, value: valueOf(node), fallback, meaning: node.description ?? '' };
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function valueOf(node: SchemaNode): string {
  if (node.enum) return node.enum.map((word) => `\`${show(word)}\``).join(', ');
  if (node.const !== undefined) return `\`${show(node.const)}\``;
  const kinds = (node.oneOf ?? []).flatMap(({ required, properties }) =>
    properties === undefined ? (required ?? []) : [],
  );
  if (kinds.length > 0) return `exactly one of ${kinds.map((kind) => `\`${kind}\``).join(', ')}`;
  if (alternativesOf(node).some(({ properties }) => properties?.['how'])) return 'by `how`';
  return simpleValue(node);
}

function simpleValue(node: SchemaNode): string {
  const { type, pattern, items, additionalProperties, minimum, maximum } = node;
  if (pattern === DURATION_PATTERN.source) return 'duration';
  switch (type) {
    case 'string':
      return 'text';
    case 'boolean':
      return '`true`, `false`';
    case 'integer':
      return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
        ? 'whole number'
        : `whole number, ${minimum ?? 0} to ${maximum}`;
    case 'array':
      return items ? `list of ${plural(simpleValue(items))}` : 'list';
    case 'object':
      return typeof additionalProperties === 'object' ? 'mapping of names' : 'mapping';
    default:
      return 'text or reference';
  }
}

function plural(value: string): string {
  return value === 'list' ? 'lists' : `${value}s`;
}
