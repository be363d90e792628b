import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import type { Entry } from './layer.ts';

/** An installed npm package. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

const manifestSchema = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
});

/**
 * A package and all that it depends on, as installed for the project; optional ones are left out.
 *
 * @throws Error when one is not installed.
 */
export async function packagesOf(name: string, from: string): Promise<Package[]> {
  const found = new Map<string, Package>();
  const visit = async (wanted: string, parent: string): Promise<void> => {
    const folder = await findPackage(wanted, parent);
    if (found.has(wanted)) return;
    const manifest = manifestSchema.parse(
      JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')),
    );
    found.set(wanted, { name: wanted, version: manifest.version, folder });
    for (const dependency of Object.keys(manifest.dependencies)) await visit(dependency, folder);
  };
  await visit(name, from);
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

async function findPackage(name: string, from: string): Promise<string> {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    const there = await stat(join(candidate, 'package.json')).catch(() => undefined);
    if (there !== undefined) return candidate;
    if (folder === dirname(folder)) throw new Error(`npm package ${name} is not installed: npm ci`);
  }
}

/** The files of packages, side by side in one `node_modules`; type declarations are left out. */
export async function packageFiles(
  packages: readonly Package[],
  nodeModules: string,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const { name, folder } of packages) {
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const file of files) {
      const source = join(file.parentPath, file.name);
      if (!file.isFile() || !/\.(?:[cm]?js|json)$/.test(file.name)) continue;
      const path = join(nodeModules, name, relative(folder, source));
      entries.push({ kind: 'file', path, content: await readFile(source) });
    }
  }
  return entries;
}
