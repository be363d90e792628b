import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { listMigrations } from '../app/migrations.ts';
import { packageFiles, packagesOf } from './dependencies.ts';
import type { Image } from './image.ts';
import { createLayer } from './layer.ts';
import type { Entry, Layer } from './layer.ts';
import { busybox, fingerprint, librariesOf, rootFiles, sameFiles, shell } from './programs.ts';
import { builderSources, hashLabel, hashOf, readFolder } from './recipe.ts';
import type { Recipe } from './recipe.ts';
import type { Version } from './versions.ts';

const app = new URL('../app/', import.meta.url);
const here = fileURLToPath(new URL('.', import.meta.url));

/** The recipes of some versions of the application. They share the layer below their own. */
export async function applicationRecipes(
  repository: string,
  versions: readonly Version[],
): Promise<Recipe[]> {
  const common = [
    process.version,
    process.arch,
    await fingerprint(process.execPath),
    await fingerprint(busybox),
    ...(await packagesOf('pg', here)).map(({ name, version }) => `${name}@${version}`),
    ...(await builderSources()),
    ...(await applicationSources()).flat(),
  ];
  let base: Promise<Layer> | undefined;
  let sources: Promise<Files> | undefined;
  return Promise.all(
    versions.map(async (version) => {
      const migrations = await migrationFiles(version);
      const hash = hashOf([...common, JSON.stringify(version), ...migrations.flat()]);
      const build = async (): Promise<Image> => {
        const own = await createLayer(
          `tenant-plane ${version.version}`,
          versionFiles(version, await (sources ??= sourceFiles()), migrations),
        );
        return image(`${repository}:${version.version}`, version, hash, [
          await (base ??= baseLayer()),
          own,
        ]);
      };
      return { reference: `${repository}:${version.version}`, hash, build };
    }),
  );
}

function image(
  reference: string,
  { version, released }: Version,
  hash: string,
  layers: readonly Layer[],
): Image {
  return {
    reference,
    layers,
    created: `${released}T09:00:00Z`,
    run: {
      User: '1000:1000',
      Env: ['PATH=/usr/local/bin:/bin', 'NODE_ENV=production', 'HOME=/tmp'],
      Cmd: ['node', '/app/server.mjs'],
      WorkingDir: '/app',
      ExposedPorts: { '3000/tcp': {} },
      Labels: { 'org.opencontainers.image.version': version, [hashLabel]: hash },
      StopSignal: 'SIGTERM',
    },
  };
}

/** Node, a shell and the database driver: the same for every version, so pulled and stored once. */
async function baseLayer(): Promise<Layer> {
  const libraries = await librariesOf([process.execPath]);
  return createLayer('node, busybox, pg', [
    ...rootFiles(),
    ...(await shell()),
    ...(await sameFiles(libraries)),
    {
      kind: 'file',
      path: '/usr/local/bin/node',
      content: await readFile(process.execPath),
      mode: 0o755,
    },
    ...(await packageFiles(await packagesOf('pg', here), '/app/node_modules')),
  ]);
}

type Files = readonly (readonly [name: string, text: string])[];

/**
 * The application as JavaScript: stripping types at every start would cost a container 50 ms, which
 * is most of what it needs to start.
 */
async function sourceFiles(): Promise<Files> {
  const { transpileModule, ModuleKind, ScriptTarget } = await import('typescript');
  const compilerOptions = {
    module: ModuleKind.ESNext,
    target: ScriptTarget.ES2024,
    verbatimModuleSyntax: true,
  };
  return (await applicationSources()).map(([name, text]) => {
    const { outputText } = transpileModule(text, { compilerOptions });
    const program = outputText.replaceAll(/ from '(\.\/\w+)\.ts'/g, " from '$1.mjs'");
    return [name.replace(/\.ts$/, '.mjs'), program];
  });
}

async function applicationSources(): Promise<Files> {
  return (await readFolder(app, '.ts')).filter(([name]) => !name.endsWith('.test.ts'));
}

async function migrationFiles({ newestMigration, brokenMigration }: Version): Promise<Files> {
  const all = await readFolder(new URL('migrations/', app), '.sql');
  const shipped = new Set(
    listMigrations(all.map(([name]) => name))
      .filter(({ version }) => version <= newestMigration)
      .map(({ file }) => file),
  );
  const broken = await readFolder(new URL('./broken/', import.meta.url), '.sql');
  return [
    ...all.filter(([name]) => shipped.has(name)),
    ...broken.filter(([name]) => name === brokenMigration),
  ];
}

function versionFiles(version: Version, sources: Files, migrations: Files): Entry[] {
  const reported = version.reports ?? version.version;
  const behaviour = { version: reported, kind: version.kind };
  return [
    ...sources.map(([name, text]) => ({
      kind: 'file' as const,
      path: `/app/${name}`,
      content: text,
    })),
    ...migrations.map(([name, text]) => ({
      kind: 'file' as const,
      path: `/app/migrations/${name}`,
      content: text,
    })),
    { kind: 'file', path: '/app/behaviour.json', content: `${JSON.stringify(behaviour)}\n` },
    { kind: 'file', path: '/app/.atlas-version', content: `${reported}\n` },
    { kind: 'file', path: '/app/assets.bin', content: assets(version.version) },
  ];
}

/**
 * Half a megabyte to two, never compressible and different in every version: what a real release
 * has, and what makes a pull transfer bytes.
 */
function assets(version: string): Buffer {
  const size = createHash('sha256').update(version).digest().readUInt16BE(0) * 24 + 500_000;
  return createHash('shake256', { outputLength: size }).update(version).digest();
}
