/**
 * The manifest that lies beside a backup, `<file>.json`: written last, so a backup that has one was proven.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../domain/parse-json.ts';

const manifestSchema = z.object({
  format: z.literal(1),
  /** Name of the backup, without folder. */
  file: z.string().regex(/^db-backup-[^/]+\.dump$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
  /** Version of the application. */
  version: z.string(),
  serverVersion: z.string(),
  /** Size of the database when it was dumped. */
  databaseBytes: z.int().nonnegative(),
  tool: z.string(),
  proof: z.literal('full-read'),
  deployment: z.string(),
  runId: z.string(),
  /** ISO time. */
  takenAt: z.iso.datetime(),
  tookMs: z.int().nonnegative(),
});

/** What is known of one backup. */
export type Manifest = z.infer<typeof manifestSchema>;

/** A manifest and where its backup lies. */
export interface StoredBackup {
  readonly manifest: Manifest;
  /** Absolute path of the backup. */
  readonly path: string;
}

/** The manifest's path. */
export function manifestPath(backup: string): string {
  return `${backup}.json`;
}

/** Reads one manifest; undefined when it is missing, damaged or not ours. */
export async function readManifest(path: string): Promise<Manifest | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : manifestSchema.safeParse(parseJson(text)).data;
}

/** The text of a manifest as it is written. */
export function renderManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/**
 * The backups of one deployment in a directory, newest first: those whose file is there in its full size. Several
 * deployments may share a directory; files of others and files without a manifest are never looked at.
 */
export async function listBackups(directory: string, deployment: string): Promise<StoredBackup[]> {
  const found: StoredBackup[] = [];
  for (const name of await readdir(directory)) {
    if (!/^db-backup-.*\.dump\.json$/.test(name)) continue;
    const manifest = await readManifest(join(directory, name));
    if (manifest?.deployment !== deployment || `${manifest.file}.json` !== name) continue;
    const path = join(directory, manifest.file);
    const size = await stat(path).then(
      (stats) => stats.size,
      () => undefined,
    );
    if (size === manifest.bytes) found.push({ manifest, path });
  }
  return found.sort((a, b) => b.manifest.takenAt.localeCompare(a.manifest.takenAt));
}
