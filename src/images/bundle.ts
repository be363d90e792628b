/**
 * Reads a `docker save` archive from end to end in flat memory: what is in it, and that every layer is whole.
 */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { z } from 'zod';
import { BelayError } from '../domain/errors.ts';
import { parseJson } from '../domain/parse-json.ts';
import { damagedBundle, openArchive } from './archive.ts';

/** A configuration or layer of an image, as it lies in the archive. */
export interface BundledBlob {
  /** Its member of the archive; links are resolved. */
  readonly member: string;
  /** `sha256:…` of the member's bytes. */
  readonly digest: string;
  readonly bytes: number;
  readonly gzip: boolean;
}

/** An image in a bundle. */
export interface BundledImage {
  readonly tags: readonly string[];
  /** Digest of the configuration: the image's ID. */
  readonly imageId: string;
  readonly platform: string;
  readonly config: BundledBlob;
  /** Bottom first. */
  readonly layers: readonly BundledBlob[];
}

/** What a bundle holds. */
export interface Bundle {
  readonly path: string;
  readonly bytes: number;
  readonly images: readonly BundledImage[];
}

const manifestSchema = z
  .array(
    z.object({
      Config: z.string(),
      RepoTags: z.array(z.string()).nullish(),
      Layers: z.array(z.string()),
    }),
  )
  .min(1);
const configSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
});

/** Larger members are layers and are not kept in memory (bytes). */
const MAX_SMALL = 1024 * 1024;
/** What all small members may have together, against archives made to fill the memory. */
const MAX_KEPT = 64 * 1024 * 1024;

type Entry = ReturnType<typeof extract> extends AsyncIterable<infer E> ? E : never;

/** What is remembered of a member. */
interface Member {
  readonly digest: string;
  readonly size: number;
  readonly gzip: boolean;
  readonly bytes?: Buffer;
  /** Where a link leads; older engines save a layer that two images share as one. */
  readonly link?: string;
}

/**
 * Reads and checks the whole archive.
 *
 * @throws BelayError fault `request`: missing, truncated, a layer with other bytes than its image names, not from `docker save`.
 */
export async function readBundle(
  path: string,
  signal: AbortSignal,
  onRead: (doneBytes: number, totalBytes: number) => void,
): Promise<Bundle> {
  const archive = await openArchive(path);
  const members = await readMembers(path, async (sink) => {
    const [file, counter, unpack] = archive.open((done) => onRead(done, archive.bytes));
    await pipeline(file, counter, unpack, sink, { signal });
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    if (error instanceof BelayError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw damagedBundle(path, `it is truncated or damaged (${why})`, error);
  });
  const manifest = manifestSchema.safeParse(parseJson(textOf(members.get('manifest.json'))));
  if (!manifest.success)
    throw damagedBundle(path, 'it has no manifest.json of `docker save`, or is truncated');
  const images = manifest.data.map(({ Config, RepoTags, Layers }) =>
    checkImage(path, members, Config, RepoTags ?? [], Layers),
  );
  return { path, bytes: archive.bytes, images };
}

/** An image has some hundred members; millions of empty ones would fill the memory. */
const MAX_MEMBERS = 20_000;

async function readMembers(
  path: string,
  feed: (sink: ReturnType<typeof extract>) => Promise<void>,
): Promise<ReadonlyMap<string, Member>> {
  const sink = extract();
  const members = new Map<string, Member>();
  let kept = 0;
  const fed = feed(sink);
  // The loop below hears of a broken feed by itself; this only keeps it from being unhandled until then.
  fed.catch(() => undefined);
  for await (const entry of sink) {
    const name = memberName(path, entry.header.name);
    const member = await readMember(entry);
    kept += member.bytes?.length ?? 0;
    if (kept > MAX_KEPT) throw damagedBundle(path, 'it has too many small files');
    members.set(name, member);
    if (members.size > MAX_MEMBERS) throw damagedBundle(path, 'it has too many members');
  }
  await fed;
  return members;
}

/** The name that counts: without `./`. Throws for one that leads out of the archive. */
export function memberName(path: string, name: string): string {
  const normal = posix.normalize(name).replace(/^\.\//, '').replace(/\/$/, '');
  if (normal.startsWith('/') || normal.split('/').includes('..'))
    throw damagedBundle(path, `it has a member outside of itself: ${JSON.stringify(name)}`);
  return normal;
}

async function readMember(entry: Entry): Promise<Member> {
  const hash = createHash('sha256');
  const chunks: Buffer[] = [];
  const isSmall = entry.header.size <= MAX_SMALL;
  let size = 0;
  let head = Buffer.alloc(0);
  for await (const chunk of entry as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
    if (head.length < 2) head = Buffer.concat([head, chunk.subarray(0, 2)]);
    if (isSmall) chunks.push(chunk);
  }
  const { type, linkname } = entry.header;
  const link = type === 'symlink' || type === 'link' ? linkname : undefined;
  return {
    digest: `sha256:${hash.digest('hex')}`,
    size,
    gzip: head[0] === 0x1f && head[1] === 0x8b,
    ...(isSmall ? { bytes: Buffer.concat(chunks) } : {}),
    ...(link ? { link: type === 'link' ? `/${link}` : link } : {}),
  };
}

function checkImage(
  path: string,
  members: ReadonlyMap<string, Member>,
  configName: string,
  tags: readonly string[],
  layers: readonly string[],
): BundledImage {
  const config = members.get(configName);
  const parsed = configSchema.safeParse(parseJson(textOf(config)));
  if (!config || !parsed.success)
    throw damagedBundle(path, `it lacks the configuration ${configName}; it may be truncated`);
  if (!config.digest.includes(hexOf(configName)))
    throw damagedBundle(path, `the configuration ${configName} has other bytes than its name says`);
  const { os, architecture, rootfs } = parsed.data;
  if (rootfs.diff_ids.length !== layers.length)
    throw damagedBundle(
      path,
      `${tags.join(', ') || configName} has ${layers.length} layers, but its configuration names ${rootfs.diff_ids.length}`,
    );
  const blobs = layers.map((layer, i): BundledBlob => {
    const [name, member] = resolveMember(members, layer) ?? [];
    if (!name || !member)
      throw damagedBundle(path, `it lacks the layer ${layer}; it may be truncated`);
    const expected = [rootfs.diff_ids[i], `sha256:${hexOf(layer)}`];
    if (!expected.includes(member.digest))
      throw damagedBundle(path, `the layer ${layer} has other bytes than its image names`);
    return blobOf(name, member);
  });
  return {
    tags,
    imageId: config.digest,
    platform: `${os}/${architecture}`,
    config: blobOf(configName, config),
    layers: blobs,
  };
}

/** The digest in a member's name: `<hex>.json` or `blobs/sha256/<hex>`. */
function hexOf(name: string): string {
  return /([0-9a-f]{64})(?:\.json)?$/.exec(name)?.[1] ?? 'no digest';
}

function blobOf(member: string, { digest, size, gzip }: Member): BundledBlob {
  return { member, digest, bytes: size, gzip };
}

function resolveMember(
  members: ReadonlyMap<string, Member>,
  name: string,
): readonly [string, Member] | undefined {
  const link = members.get(name)?.link;
  const target =
    link === undefined
      ? name
      : link.startsWith('/')
        ? link.slice(1)
        : posix.join(posix.dirname(name), link);
  const found = members.get(target);
  return found && found.link === undefined ? [target, found] : undefined;
}

function textOf(member: Member | undefined): string {
  return member?.bytes?.toString('utf8') ?? '';
}
