/**
 * What Compose resolves a project to. Its output holds resolved secrets: it stays in this folder.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { failure } from '../../domain/errors.ts';
import type { Finished } from '../../process/run.ts';
import { configArgv, hashArgv, isPluginMissing, pluginMissing, runCli, tailOf } from './cli.ts';
import type { CommandBase } from './cli.ts';
import { envFilesOfServices, reachesOut } from './compose-file.ts';
import type { Project } from './project.ts';

const serviceSchema = z.looseObject({
  image: z.string().optional(),
  container_name: z.string().optional(),
  scale: z.number().optional(),
  deploy: z.looseObject({ replicas: z.number().optional() }).nullish(),
  network_mode: z.string().optional(),
  ipc: z.string().optional(),
  pid: z.string().optional(),
  volumes_from: z.array(z.string()).nullish(),
});
const configSchema = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), serviceSchema),
});

/** One service as Compose resolves it. */
export type ResolvedService = z.infer<typeof serviceSchema>;

/** A resolved project. */
export interface Resolved {
  readonly name: string;
  readonly services: Readonly<Record<string, ResolvedService>>;
  /** Compose's configuration hash per service. */
  readonly hashes: ReadonlyMap<string, string>;
  /** The whole of it, for comparing. Holds secrets. */
  readonly whole: z.infer<typeof configSchema>;
}

/** Resolves projects, each distinct content once. */
export interface Resolver {
  /** The project as it lies on the disk. */
  resolve(project: Project, signal?: AbortSignal): Promise<Resolved>;
  /** The project with texts that are not on the disk yet. */
  resolveEdited(project: Project, original: Project, signal?: AbortSignal): Promise<Resolved>;
}

const TIMEOUT_MS = 60_000;
const KEPT = 8;

/** A resolver with a small memory: a project whose bytes are the same resolves the same. */
export function createResolver(environment: () => Promise<Record<string, string>>): Resolver {
  const memory = new Map<string, Promise<Resolved>>();
  const remembered = async (project: Project, work: () => Promise<Resolved>): Promise<Resolved> => {
    const key = await contentKey(project);
    if (key === undefined) return work();
    const known = memory.get(key);
    if (known) return known;
    const fresh = work();
    memory.set(key, fresh);
    fresh.catch(() => memory.delete(key));
    for (const old of [...memory.keys()].slice(0, -KEPT)) memory.delete(old);
    return fresh;
  };
  return {
    // What is shared must not end with the caller who asked first; each minds its own signal afterwards.
    resolve: async (project, signal) => {
      const found = await remembered(project, async () =>
        ask(baseOf(project), await environment()),
      );
      signal?.throwIfAborted();
      return found;
    },
    resolveEdited: async (project, original, signal) => {
      const found = await remembered(project, () =>
        onCopies(project, original, async (base) => ask(base, await environment())),
      );
      signal?.throwIfAborted();
      return found;
    },
  };
}

/** The start of every command on the project as it lies on the disk. */
export function baseOf(project: Project): CommandBase {
  const { directory, profiles, name } = project;
  return {
    directory,
    composeFiles: project.composeFiles.map(({ path }) => path),
    envFiles: project.envFiles.map(({ path }) => path),
    profiles,
    ...(name === undefined ? {} : { name }),
  };
}

async function ask(base: CommandBase, env: Record<string, string>): Promise<Resolved> {
  const settings = { cwd: base.directory, env, timeoutMs: TIMEOUT_MS, rawStdout: true };
  const config = outputOf(base, await runCli(configArgv(base), settings));
  // Hashed from the resolved project: so Compose labels containers, while the files' own hash leaves env_file out.
  const hashes = outputOf(base, await runCli(hashArgv(base), { ...settings, input: config }));
  return parseResolved(base, config, hashes);
}

/** The output of a command that succeeded, or why it did not. */
function outputOf(base: CommandBase, finished: Finished): string {
  if (finished.exitCode === 0) return finished.stdout;
  if (isPluginMissing(finished.stderr)) throw pluginMissing();
  throw finished.ended === 'exited' && finished.signal === null
    ? rejected(base, finished.stderr)
    : failure(
        'environment',
        'compose-hangs',
        `\`docker compose config\` in ${base.directory} was ended after ${TIMEOUT_MS / 1000} s or killed`,
        'See whether the machine is overloaded; belay tries again',
      );
}

function parseResolved(base: CommandBase, config: string, hashes: string): Resolved {
  const parsed = configSchema.safeParse(JSON.parse(config));
  if (!parsed.success)
    // zod's issues name paths and types, never values.
    throw failure(
      'unknown',
      'compose-output',
      `\`docker compose config\` in ${base.directory} printed something unexpected: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
      'Report it with the version of Compose',
    );
  const pairs = hashes.split('\n').flatMap((line): [string, string][] => {
    const [service, hash] = line.trim().split(/\s+/);
    return service && hash ? [[service, hash]] : [];
  });
  const { name, services } = parsed.data;
  return { name, services, hashes: new Map(pairs), whole: parsed.data };
}

function rejected(base: CommandBase, stderr: string) {
  const files = base.composeFiles.join(', ');
  return failure(
    'request',
    'compose-rejected',
    `Compose rejects ${files}: ${tailOf(stderr, 5)}`,
    `Correct it until \`docker compose --project-directory ${base.directory} config --quiet\` passes`,
  );
}

/** Runs `work` on copies (0600, in a folder of our own) of the files whose text is not on the disk. */
async function onCopies<T>(
  project: Project,
  original: Project,
  work: (base: CommandBase) => Promise<T>,
): Promise<T> {
  const folder = join(tmpdir(), `belay-proof-${randomUUID()}`);
  await mkdir(folder, { mode: 0o700 });
  try {
    const copies = new Map<string, string>();
    const before = new Map(textsOf(original));
    for (const [path, text] of textsOf(project)) {
      if (before.get(path) === text) continue;
      const copy = join(folder, `${copies.size}-${basename(path)}`);
      await writeFile(copy, text, { mode: 0o600, flag: 'wx' });
      copies.set(path, copy);
    }
    const base = baseOf(project);
    const placed = (paths: readonly string[]) => paths.map((path) => copies.get(path) ?? path);
    return await work({
      ...base,
      composeFiles: placed(base.composeFiles),
      envFiles: placed(base.envFiles),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function textsOf(project: Project): readonly [string, string][] {
  return [...project.composeFiles, ...project.envFiles].map(({ path, text }) => [path, text]);
}

/** A key over every byte that counts, or undefined when files count that nobody listed. */
async function contentKey(project: Project): Promise<string | undefined> {
  const hash = createHash('sha256');
  const add = (...texts: readonly string[]) => {
    for (const text of texts) hash.update(`${text.length} ${text} `);
  };
  add(project.directory, project.name ?? '', ...project.profiles);
  for (const [path, text] of textsOf(project)) add(path, text);
  for (const file of project.composeFiles) {
    const { paths, unclear } = envFilesOfServices(file, project.directory);
    if (unclear || reachesOut(file)) return undefined;
    for (const path of paths) add(path, await readFile(path, 'utf8').catch(() => ''));
  }
  return hash.digest('hex');
}

/** How many containers of a service there should be. */
export function scaleOf(service: ResolvedService): number {
  return service.scale ?? service.deploy?.replicas ?? 1;
}
