/**
 * The files that helm reads: a backup lies between the plan and the swap, and what is edited in that time nobody approved.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { failure } from '../../domain/errors.ts';
import { parseJson } from '../../domain/parse-json.ts';
import type { Claim, Pins } from '../../domain/target.ts';
import { chartPath } from './chart.ts';
import type { Scope } from './scope.ts';

/** Beside helm's logs, and not in the claim: the digest of a short values file would tell its secrets to whoever guesses. */
const FILE = 'inputs.json';

const notedSchema = z.object({ runId: z.string(), files: z.record(z.string(), z.string()) });

/** Notes what the values files and the chart are under this claim, once: claiming again changes no plan. */
export async function noteInputs(scope: Scope, { runId, toPins }: Claim): Promise<void> {
  if ((await readNoted(scope))?.runId === runId) return;
  const files = Object.fromEntries(await readInputs(scope, toPins));
  await mkdir(scope.stateDirectory, { recursive: true, mode: 0o700 });
  const noted = JSON.stringify({ runId, files } satisfies z.infer<typeof notedSchema>);
  await writeFile(join(scope.stateDirectory, FILE), noted, { mode: 0o600 });
}

/**
 * Compares them with what was noted. A chart that came with the bundle since is no change; where another machine noted
 * them, nothing can be compared.
 *
 * @throws BelayError (request) `inputs-changed`, naming the files.
 */
export async function requireSameInputs(scope: Scope, runId: string, pins: Pins): Promise<void> {
  const noted = await readNoted(scope);
  if (noted?.runId !== runId) return;
  const before = new Map(Object.entries(noted.files));
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
export async function forgetInputs({ stateDirectory }: Scope): Promise<void> {
  await rm(join(stateDirectory, FILE), { force: true });
}

async function readNoted({ stateDirectory }: Scope) {
  const text = await readFile(join(stateDirectory, FILE), 'utf8').catch(() => '');
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
  const top = await readdir(chart, { withFileTypes: true }).catch(() => undefined);
  if (!top) return [chart];
  const below = await Promise.all(
    RENDERED.map((folder) =>
      readdir(join(chart, folder), { recursive: true, withFileTypes: true }).catch(() => []),
    ),
  );
  return [...top, ...below.flat()]
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ parentPath, name }) => join(parentPath, name));
}

async function digestOf(file: string): Promise<string | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes && createHash('sha256').update(bytes).digest('hex');
}
