import {
  access,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createLayer } from '../../examples/tenant-plane/images/layer.ts';
import type { Entry, Layer } from '../../examples/tenant-plane/images/layer.ts';
import type { Image } from '../../examples/tenant-plane/images/image.ts';
import {
  busybox,
  fingerprint,
  librariesOf,
  rootFiles,
  sameFiles,
  shell,
} from '../../examples/tenant-plane/images/programs.ts';
import { builderSources, hashLabel, hashOf } from '../../examples/tenant-plane/images/recipe.ts';
import type { Recipe } from '../../examples/tenant-plane/images/recipe.ts';
import { mustRun } from '../stack/site.ts';
import { fileEntry, folderEntries } from './files.ts';
import { packageEntries, productionPackages } from './packages.ts';
import { imagePrograms } from './programs.ts';
import type { ImagePrograms } from './programs.ts';

const place = '/opt/belay';
const certificates = '/etc/ssl/certs/ca-certificates.crt';
const bridge = 'node_modules/@temporalio/core-bridge/releases';

/** What of the checkout is belay; tests stay out. */
const folders = ['src', 'bin'] as const;
const isOurs = (path: string): boolean => !/\.(?:test|fixture)\.ts$/.test(path);

/**
 * The recipe of belay's own image: Node, the production packages, the sources, helm and docker, as the
 * Dockerfile has them.
 *
 * @param checkout - which sources; those that this file belongs to when left out.
 */
export async function belayRecipe(
  reference: string,
  checkout = new URL('../../', import.meta.url),
): Promise<Recipe> {
  const programs = await imagePrograms();
  const packages = await productionPackages(checkout);
  const sources = await sourceEntries(checkout);
  const hash = hashOf([
    process.arch,
    ...(await Promise.all([process.execPath, busybox].map(fingerprint))),
    ...(await Promise.all(programs.map(({ source }) => fingerprint(source)))),
    await readFile(new URL('package-lock.json', checkout), 'utf8'),
    ...sources.flatMap((entry) =>
      entry.kind === 'file' ? [entry.path, entry.content.toString()] : [],
    ),
    ...(await builderSources()),
    ...(await ownSources()),
  ]);
  const build = async (): Promise<Image> => {
    const layers = [
      await baseLayer(checkout),
      await programLayer(programs),
      await createLayer('npm packages', await packageEntries(checkout, packages, place)),
      await createLayer('belay', [...sources, await bundleEntry(checkout, sources)]),
    ];
    return image(reference, hash, layers, await versionOf(checkout));
  };
  return { reference, hash, build };
}

function image(reference: string, hash: string, layers: readonly Layer[], version: string): Image {
  return {
    reference,
    layers,
    created: '2026-01-01T00:00:00Z',
    run: {
      User: '1000:1000',
      Env: [
        'PATH=/usr/local/bin:/bin',
        'NODE_ENV=production',
        'HOME=/tmp',
        `BELAY_CACHE=${place}/cache`,
        'BELAY_STATE=/var/lib/belay/state',
        'BELAY_DEPLOYMENTS=/etc/belay/deployments',
      ],
      Entrypoint: ['belay'],
      Cmd: ['up'],
      WorkingDir: '/var/lib/belay',
      ExposedPorts: {},
      Labels: { 'org.opencontainers.image.version': version, [hashLabel]: hash },
      StopSignal: 'SIGTERM',
    },
  };
}

/** Node, a shell, the C library and what Temporal's bridge needs of this machine. */
async function baseLayer(checkout: URL): Promise<Layer> {
  const builds = await readdir(new URL(`${bridge}/`, checkout));
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const native = builds
    .filter((name) => name === `${machine}-unknown-linux-gnu`)
    .map((name) => new URL(`${bridge}/${name}/index.node`, checkout).pathname);
  const trusted = await access(certificates).then(
    () => [certificates],
    () => [],
  );
  return createLayer('node, busybox', [
    ...rootFiles(),
    ...(await shell()),
    ...(await sameFiles(await librariesOf([process.execPath, ...native]))),
    ...(await Promise.all(trusted.map((path) => fileEntry(path, path)))),
    await fileEntry(process.execPath, '/usr/local/bin/node'),
    { kind: 'directory', path: '/var/lib/belay', mode: 0o700, owner: 1000 },
    { kind: 'link', path: '/usr/local/bin/belay', target: `${place}/bin/belay` },
    { kind: 'link', path: '/usr/bin/env', target: '/bin/env' },
  ]);
}

async function programLayer(programs: ImagePrograms): Promise<Layer> {
  const libraries = await librariesOf(programs.map(({ source }) => source));
  return createLayer('helm, docker', [
    ...(await sameFiles(libraries)),
    ...(await Promise.all(programs.map(({ source, place: there }) => fileEntry(source, there)))),
  ]);
}

async function sourceEntries(checkout: URL): Promise<Entry[]> {
  const entries = await Promise.all(
    folders.map((folder) =>
      folderEntries(fileURLToPath(new URL(folder, checkout)), `${place}/${folder}`, isOurs),
    ),
  );
  const manifest = fileURLToPath(new URL('package.json', checkout));
  return [...entries.flat(), await fileEntry(manifest, `${place}/package.json`)].sort((a, b) =>
    a.path.localeCompare(b.path),
  );
}

/**
 * The workflows' bundle, made beforehand: the image's file system can't be written where it runs. It is
 * made of the image's own sources, for a digest of all of them is its name.
 */
async function bundleEntry(checkout: URL, sources: readonly Entry[]): Promise<Entry> {
  const folder = await mkdtemp(join(tmpdir(), 'belay-image-'));
  try {
    for (const entry of sources) {
      if (entry.kind !== 'file') continue;
      const path = join(folder, relative(place, entry.path));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, entry.content);
    }
    await symlink(fileURLToPath(new URL('node_modules', checkout)), join(folder, 'node_modules'));
    const program = `await (await import('./src/worker/bundle.ts')).workflowBundle();`;
    await mustRun([process.execPath, '--input-type=module', '--eval', program], {
      cwd: folder,
      env: { BELAY_CACHE: join(folder, 'cache') },
    });
    const bundles = join(folder, 'cache/workflow-bundles');
    const [name = ''] = await readdir(bundles);
    const content = await readFile(join(bundles, name));
    return { kind: 'file', path: `${place}/cache/workflow-bundles/${name}`, content };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function versionOf(checkout: URL): Promise<string> {
  const text = await readFile(new URL('package.json', checkout), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

async function ownSources(): Promise<string[]> {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const names = (await readdir(here)).filter((name) => /(?<!\.test)\.ts$/.test(name)).sort();
  return Promise.all(names.map((name) => readFile(join(here, name), 'utf8')));
}
