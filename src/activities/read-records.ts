/** Reads the records beside the deployment: its history, the previous version. */
import { readFile } from 'node:fs/promises';
import type { Deployment } from '../domain/deployment.ts';
import { versionOfReference } from '../domain/image-tag.ts';
import { parseHistoryLine } from '../domain/record.ts';
import type { PlanFacts } from '../plan/facts.ts';
import type { Target } from '../targets/target.ts';

/**
 * Missing files are empty records. Only where there is no record at all do the images in the local store count as
 * versions that may have run here.
 */
export async function readRecords(
  deployment: Deployment,
  target: Target,
): Promise<Pick<PlanFacts, 'history' | 'previous' | 'localVersions'>> {
  const [historyText, previousText] = await Promise.all([
    readText(deployment.records.history),
    readText(deployment.records.previous),
  ]);
  const history = historyText
    .split('\n')
    .map((line) => parseHistoryLine(line))
    .filter((line) => line !== undefined);
  const previous = previousText.trim();
  if (previous !== '') return { history, previous };
  if (history.length > 0) return { history };
  return { history, localVersions: await localVersions(deployment, target) };
}

/** Versions of which every component's image is in the local store. */
async function localVersions(deployment: Deployment, target: Target): Promise<readonly string[]> {
  const sets = await Promise.all(
    Object.values(deployment.components).map(async (settings) => {
      const references = await target.localReferences(settings.image).catch(() => []);
      return references
        .map((reference) => versionOfReference(settings, reference))
        .filter((version) => version !== undefined);
    }),
  );
  const [first = [], ...others] = sets;
  return first.filter((version) => others.every((set) => set.includes(version)));
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
