/**
 * The release's own history.
 */
import { z } from 'zod';
import { failure } from '../../domain/errors.ts';
import { parseJson } from '../../domain/parse-json.ts';
import { helmFailure } from './failures.ts';
import type { Helm } from './program.ts';

const revisionSchema = z.object({
  revision: z.number().int(),
  updated: z.string(),
  status: z.string(),
  chart: z.string(),
  app_version: z.string().optional(),
  description: z.string().optional(),
});

/** One entry, oldest first. */
export interface HelmRevision {
  readonly revision: number;
  /** ISO time. */
  readonly updated: string;
  /** `deployed`, `superseded`, `failed`, `pending-upgrade`, … */
  readonly status: string;
  readonly chart: string;
  readonly appVersion: string;
  readonly description: string;
}

/** Helm keeps 10 by default. */
const MOST = 256;

/** The history; throws `release-missing` (request) when there is no such release. */
export async function readHistory(
  helm: Helm,
  release: string,
  signal: AbortSignal,
): Promise<HelmRevision[]> {
  const args = ['history', release, '--output', 'json', '--max', String(MOST)];
  const finished = await helm.read(args, { signal });
  if (finished.exitCode !== 0)
    throw helmFailure(finished, `reading the history of release ${release}`);
  const parsed = z.array(revisionSchema).safeParse(parseJson(finished.stdout));
  if (!parsed.success)
    throw failure(
      'unknown',
      'helm-output',
      `\`helm history\` of release ${release} said what belay can't read`,
      'Is it Helm 3 or 4?',
    );
  return parsed.data
    .map(({ app_version: appVersion = '', description = '', ...rest }) => ({
      ...rest,
      updated: new Date(rest.updated).toISOString(),
      appVersion,
      description,
    }))
    .toSorted((a, b) => a.revision - b.revision);
}

/**
 * The revision that serves: the deployed one. A rollback that fails leaves none, and so does a helm that is killed between
 * two writes: then it is the newest that served.
 */
export function deployedOf(history: readonly HelmRevision[]): HelmRevision | undefined {
  const deployed = history.findLast(({ status }) => status === 'deployed');
  if (deployed || history.at(-1)?.status === 'uninstalled') return deployed;
  return history.findLast(isUsable);
}

/** Whether a helm is at work on it, or was killed there. */
export function isPending({ status }: HelmRevision): boolean {
  return status.startsWith('pending-') || status === 'uninstalling';
}

/** What is superseded without having served: a later rollback supersedes failed and pending ones too. */
const NEVER_SERVED = /^(?:Preparing upgrade|(?:Upgrade|Rollback) "[^"]*" failed)/;

/** Whether it served once, or does. */
export function isUsable({ status, description }: HelmRevision): boolean {
  return status === 'deployed' || (status === 'superseded' && !NEVER_SERVED.test(description));
}

/** What helm itself keeps. */
const KEPT = 10;

/**
 * How many revisions to keep so that none from `oldest` on is dropped: each attempt adds one, and what an operation comes
 * from or goes to must outlast them all.
 */
export function historyMax(history: readonly HelmRevision[], oldest: number): number {
  const needed = history.filter(({ revision }) => revision >= oldest).length;
  return Math.max(KEPT, needed + 2);
}

/** By revision, which never changes once it is written. A target lives no longer than one activity. */
const manifests = new WeakMap<Helm, Map<string, string>>();

/** A revision's manifest, as text. Secrets are in it: it must not leave the target. */
export async function readManifest(
  helm: Helm,
  release: string,
  revision: number,
  signal: AbortSignal,
): Promise<string> {
  const known = manifests.get(helm) ?? new Map<string, string>();
  manifests.set(helm, known);
  const key = `${release} ${revision}`;
  const manifest = known.get(key) ?? (await askManifest(helm, release, revision, signal));
  known.set(key, manifest);
  return manifest;
}

async function askManifest(
  helm: Helm,
  release: string,
  revision: number,
  signal: AbortSignal,
): Promise<string> {
  const args = ['get', 'manifest', release, '--revision', String(revision)];
  const finished = await helm.read(args, { signal });
  if (/release: not found|has no \d+ version/.test(finished.stderr))
    throw failure(
      'request',
      'revision-missing',
      `Release ${release} has no revision ${revision} (any more)`,
      `Choose one that is there: helm history ${release}`,
    );
  if (finished.exitCode !== 0)
    throw helmFailure(finished, `reading revision ${revision} of release ${release}`);
  return finished.stdout;
}
