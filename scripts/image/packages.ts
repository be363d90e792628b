import { access, readFile } from 'node:fs/promises';
import { arch } from 'node:process';
import { z } from 'zod';
import type { Entry } from '../../examples/tenant-plane/images/layer.ts';
import { folderEntries } from './files.ts';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ dev: z.boolean().optional(), devOptional: z.boolean().optional() }),
  ),
});

const architectures: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** Types, maps and prose; and, of Temporal's bridge, its sources and its builds for other machines. */
const unwanted = /\.d\.[cm]?ts$|\.map$|\.md$|^(?:sdk-core|src|ts|bridge-macros)\//;
const build = /^releases\/([^/]+)\//;

/**
 * The folders of the production packages that the lock file names and that are installed here, relative
 * to the checkout. Types alone are no production package, whoever depends on them.
 */
export async function productionPackages(checkout: URL): Promise<string[]> {
  const text = await readFile(new URL('package-lock.json', checkout), 'utf8');
  const { packages } = lockSchema.parse(JSON.parse(text));
  const names = Object.entries(packages).flatMap(([path, { dev, devOptional }]) =>
    path === '' || dev || devOptional || path.includes('node_modules/@types/') ? [] : [path],
  );
  const installed = await Promise.all(
    names.map((name) =>
      access(new URL(`${name}/package.json`, checkout)).then(
        () => true,
        () => false,
      ),
    ),
  );
  // Those for other machines are in the lock file, and not here.
  return names.filter((_name, index) => installed[index]);
}

/** Their files, at the same place below `place`. */
export async function packageEntries(
  checkout: URL,
  packages: readonly string[],
  place: string,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const name of packages) {
    const bridge = name.endsWith('@temporalio/core-bridge');
    const folder = new URL(name, checkout).pathname;
    entries.push(
      ...(await folderEntries(folder, `${place}/${name}`, (path) => isWanted(path, bridge))),
    );
  }
  return entries;
}

/** Whether a file of a package goes into the image. */
export function isWanted(path: string, bridge: boolean): boolean {
  // A package inside another is one of its own in the lock file.
  if (path.startsWith('node_modules/')) return false;
  if (!bridge) return !/\.d\.[cm]?ts$|\.map$|\.md$/.test(path);
  const built = build.exec(path)?.[1];
  if (built !== undefined) return built === `${architectures[arch] ?? arch}-unknown-linux-gnu`;
  return !unwanted.test(path);
}
