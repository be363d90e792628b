/**
 * The files that helm reads: a backup lies between the plan and the swap, and what is edited in that time nobody approved.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { failure } from '../../domain/errors.ts';
import { parseJson } from '../../domain/parse-json.ts';
import type { Claim, Pins } from '../../domain/target.ts';
import { chartPath } from './chart.ts';
import type { Scope } from './scope.ts';

/** Absolute path → digest. */
const notedSchema = z.record(z.string(), z.string());

/** Notes what the values files and the chart are under this claim, once: claiming again changes no plan. */
export async function noteInputs(scope: Scope, { runId, toPins }: Claim): Promise<void> {
  if (await readNoted(scope, runId)) return;
  const noted = JSON.stringify(Object.fromEntries(await readInputs(scope, toPins)));
  await mkdir(scope.stateDirectory, { recursive: true, mode: 0o700 });
  await writeFile(fileOf(scope, runId), noted, { mode: 0o600 });
}

/**
 * Compares them with what was noted. A chart that came with the bundle since is no change; where another machine noted
 * them, nothing can be compared.
 *
 * @throws BelayError (request) `inputs-changed`, naming the files.
 */
export async function requireSameInputs(scope: Scope, { runId }: Claim, pins: Pins): Promise<void> {
  const noted = await readNoted(scope, runId);
  if (!noted) return;
  const before = new Map(Object.entries(noted));
  const now = await readInputs(scope, pins);
  const changed = [...new Set([...before.keys(), ...now.keys()])].filter(
    (file) => before.get(file) !== now.get(file) && !isPlaced(scope, pins, file, before),
  );
  if (changed.length === 0) return;
  throw failure(
    'request',
    'inputs-changed',
    `Changed since the plan was made: ${changed.join(', ')}`,
    'Nobody has approved what they say now: see `belay plan`, then start again',
  );
}

/** With the claim, what was noted under it ends. */
export async function forgetInputs(scope: Scope, runId: string): Promise<void> {
  await rm(fileOf(scope, runId), { force: true });
}

/** Beside helm's logs, and not in the claim: the digest of a short values file would tell its secrets to whoever guesses. */
function fileOf({ stateDirectory }: Scope, runId: string): string {
  return join(stateDirectory, `inputs-${runId.replaceAll(/[^\w-]/g, '_')}.json`);
}

async function readNoted(scope: Scope, runId: string) {
  const text = await readFile(fileOf(scope, runId), 'utf8').catch(() => '');
  return notedSchema.safeParse(parseJson(text)).data;
}

/** The bundle's chart is put where it belongs after the claim, and compared there. */
function isPlaced(
  { settings, components }: Scope,
  pins: Pins,
  file: string,
  before: ReadonlyMap<string, string>,
): boolean {
  return !before.has(file) && file === chartPath(settings, components, pins);
}

/** Absolute path → digest; what can't be read is left out, and helm says why. */
async function readInputs(scope: Scope, pins: Pins): Promise<ReadonlyMap<string, string>> {
  const { settings, components } = scope;
  const chart = chartPath(settings, components, pins);
  const files = [...settings.values, ...(chart === undefined ? [] : await filesOf(chart))];
  const digests = await Promise.all(files.map(async (file) => [file, await digestOf(file)]));
  return new Map(
    digests.flatMap(([file = '', digest]) => (digest === undefined ? [] : [[file, digest]])),
  );
}

/** What helm renders, beside a chart's own files; anything else may lie in a chart's folder, backups too. */
const RENDERED = ['templates', 'charts', 'crds'];

/** A packed chart is one file. */
async function filesOf(chart: string): Promise<string[]> {
  const top = await entriesOf(chart);
  if (top.files.length + top.folders.length === 0) return [chart];
  const rendered = top.folders.filter((folder) => RENDERED.includes(basename(folder)));
  return [...top.files, ...(await Promise.all(rendered.map(filesBelow))).flat()];
}

async function filesBelow(folder: string): Promise<string[]> {
  const { files, folders } = await entriesOf(folder);
  return [...files, ...(await Promise.all(folders.map(filesBelow))).flat()];
}

/** Follows links, as helm does; hidden files are an editor's, but for the one that hides templates. */
async function entriesOf(folder: string) {
  const names = await readdir(folder).catch(() => []);
  const shown = names.filter((name) => !name.startsWith('.') || name === '.helmignore');
  const paths = shown.map((name) => join(folder, name));
  const found = await Promise.all(
    paths.map(async (path) => ({ path, stats: await stat(path).catch(() => undefined) })),
  );
  return {
    files: found.filter(({ stats }) => stats?.isFile()).map(({ path }) => path),
    folders: found.filter(({ stats }) => stats?.isDirectory()).map(({ path }) => path),
  };
}

async function digestOf(file: string): Promise<string | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes && createHash('sha256').update(bytes).digest('hex');
}
