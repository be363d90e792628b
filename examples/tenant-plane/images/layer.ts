import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

/** One thing in an image's file system; paths are absolute. */
export type Entry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly content: Buffer | string;
      readonly mode?: number;
    }
  | {
      readonly kind: 'directory';
      readonly path: string;
      readonly mode?: number;
      readonly owner?: number;
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** A layer: an uncompressed tar and its digest, which is what an image's configuration names. */
export interface Layer {
  readonly digest: string;
  readonly tar: Buffer;
  /** What `docker history` shows. */
  readonly what: string;
}

/** All files carry one date: equal contents must give equal digests on every day. */
const mtime = new Date('2026-01-01T00:00:00Z');

/**
 * Packs a layer. The order of the entries does not matter, and folders that are only implied are
 * added, so equal entries give equal bytes.
 */
export async function createLayer(what: string, entries: readonly Entry[]): Promise<Layer> {
  const archive = pack();
  const byPath = new Map<string, Entry>();
  for (const entry of entries) {
    for (const parent of parents(entry.path)) {
      if (!byPath.has(parent)) byPath.set(parent, { kind: 'directory', path: parent });
    }
    byPath.set(entry.path, entry);
  }
  for (const path of [...byPath.keys()].sort()) {
    const entry = byPath.get(path);
    if (entry !== undefined) add(archive, entry);
  }
  archive.finalize();
  const tar = await buffer(archive);
  return { what, tar, digest: createHash('sha256').update(tar).digest('hex') };
}

function parents(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_part, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

function add(archive: ReturnType<typeof pack>, entry: Entry): void {
  const base = { name: entry.path.slice(1), mtime };
  switch (entry.kind) {
    case 'file':
      archive.entry({ ...base, mode: entry.mode ?? 0o644 }, entry.content);
      return;
    case 'directory':
      archive.entry({
        ...base,
        type: 'directory',
        mode: entry.mode ?? 0o755,
        uid: entry.owner ?? 0,
        gid: entry.owner ?? 0,
      });
      return;
    case 'link':
      archive.entry({ ...base, type: 'symlink', mode: 0o777, linkname: entry.target });
      return;
  }
}
