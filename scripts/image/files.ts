import { readFile, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Entry } from '../../examples/tenant-plane/images/layer.ts';

/** Every file below a folder for which `wanted` (of its path in there) holds, at a place in the image. */
export async function folderEntries(
  folder: string,
  place: string,
  wanted: (path: string) => boolean,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const source = join(file.parentPath, file.name);
    const path = relative(folder, source);
    if (!file.isFile() || !wanted(path)) continue;
    entries.push(await fileEntry(source, join(place, path)));
  }
  return entries;
}

/** One file, a program if it is one here. */
export async function fileEntry(source: string, path: string): Promise<Entry> {
  const executable = ((await stat(source)).mode & 0o111) !== 0;
  return { kind: 'file', path, content: await readFile(source), mode: executable ? 0o755 : 0o644 };
}
