/**
 * Which keys a file may have where, read from its JSON Schema.
 */
import { z } from 'zod';
import { nearest } from './nearest.ts';

/** The part of JSON Schema that belay's schemas use. */
export interface SchemaNode {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly type?: string | readonly string[] | undefined;
  readonly pattern?: string | undefined;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly properties?: Readonly<Record<string, SchemaNode>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: SchemaNode | undefined;
  readonly additionalProperties?: SchemaNode | boolean | undefined;
  readonly oneOf?: readonly SchemaNode[] | undefined;
  readonly anyOf?: readonly SchemaNode[] | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
}

const nodeSchema: z.ZodType<SchemaNode> = z.lazy(() =>
  z.object({
    title: z.string().optional(),
    description: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    pattern: z.string().optional(),
    const: z.unknown().optional(),
    default: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    properties: z.record(z.string(), nodeSchema).optional(),
    required: z.array(z.string()).optional(),
    items: nodeSchema.optional(),
    additionalProperties: z.union([z.boolean(), nodeSchema]).optional(),
    oneOf: z.array(nodeSchema).optional(),
    anyOf: z.array(nodeSchema).optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
  }),
);

/** Reads a JSON Schema made by zod. */
export function readSchema(schema: unknown): SchemaNode {
  return nodeSchema.parse(schema);
}

/** Says what an unknown key may have meant, in a sentence. */
export function hintFor(
  root: SchemaNode,
  path: readonly PropertyKey[],
  key: string,
  value: unknown,
): string {
  const known = keysOf(nodesAt(root, path, value));
  const near = nearest(key, known);
  if (near !== undefined) return `Did you mean "${near}"?`;
  const [elsewhere, ...more] = placesOf(root, key, '');
  if (elsewhere !== undefined && more.length === 0) return `"${key}" belongs at ${elsewhere}`;
  return known.length === 0 ? 'Remove it' : `Known here: ${known.join(', ')}`;
}

function keysOf(nodes: readonly SchemaNode[]): string[] {
  return [...new Set(nodes.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

/** The schemas of the part at `path`; of alternatives, those that the value does not contradict. */
function nodesAt(root: SchemaNode, path: readonly PropertyKey[], value: unknown): SchemaNode[] {
  let nodes = alternatives(root, value);
  let part = value;
  for (const key of path) {
    part = member(part, key);
    nodes = nodes.flatMap((node) => {
      const child = typeof key === 'number' ? node.items : childOf(node, String(key));
      return child ? alternatives(child, part) : [];
    });
  }
  return nodes;
}

function childOf(node: SchemaNode, key: string): SchemaNode | undefined {
  const own = node.properties?.[key];
  if (own) return own;
  return typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
}

function alternatives(node: SchemaNode, value: unknown): SchemaNode[] {
  const nested = [...(node.oneOf ?? []), ...(node.anyOf ?? [])]
    .filter((option) => option.properties !== undefined)
    .filter((option) =>
      Object.entries(option.properties ?? {}).every(([key, { const: only }]) => {
        const given = member(value, key);
        return only === undefined || given === undefined || given === only;
      }),
    );
  return [node, ...nested];
}

function member(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}

/** Every place in the whole schema at which `key` is known, as dotted paths. */
function placesOf(node: SchemaNode, key: string, at: string): string[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const here = at === '' ? name : `${at}.${name}`;
    return [...(name === key ? [here] : []), ...placesOf(child, key, here)];
  });
  const nested = [...(node.oneOf ?? []), ...(node.anyOf ?? [])];
  return [...new Set([...own, ...nested.flatMap((option) => placesOf(option, key, at))])];
}
