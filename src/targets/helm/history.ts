/**
 * The release's own history.
 */
import { z } from 'zod';
import { failure } from '../../domain/errors.ts';
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
  const parsed = z.array(revisionSchema).safeParse(parse(finished.stdout));
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

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The revision that serves: the newest deployed one. */
export function deployedOf(history: readonly HelmRevision[]): HelmRevision | undefined {
  return history.findLast(({ status }) => status === 'deployed');
}

/** Whether a helm is at work on it, or was killed there. */
export function isPending({ status }: HelmRevision): boolean {
  return status.startsWith('pending-') || status === 'uninstalling';
}

/** Statuses of revisions that served once, or do. */
export function isUsable({ status }: HelmRevision): boolean {
  return status === 'deployed' || status === 'superseded';
}

/** A revision's manifest, as text. Secrets are in it: it must not leave the target. */
export async function readManifest(
  helm: Helm,
  release: string,
  revision: number,
  signal: AbortSignal,
): Promise<string> {
  const args = ['get', 'manifest', release, '--revision', String(revision)];
  const finished = await helm.read(args, { signal });
  if (finished.exitCode !== 0)
    throw helmFailure(finished, `reading revision ${revision} of release ${release}`);
  return finished.stdout;
}
