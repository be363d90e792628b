/**
 * `belay history NAME`: what was done to a deployment. The record beside the deployment comes first: it outlives
 * Temporal's retention. Temporal adds what changed nothing, and so has no line in the record.
 */
import { readFile } from 'node:fs/promises';
import { failure } from '../../domain/errors.ts';
import { parseHistoryLine } from '../../domain/record.ts';
import type { HistoryLine } from '../../domain/record.ts';
import { EXIT } from '../exit-codes.ts';
import { loadNamed } from '../load-named.ts';
import type { EngineOptions } from '../options.ts';
import type { Output } from '../output.ts';
import { historyLines, mergeHistory } from '../render/history.ts';
import { withEngine } from '../with-engine.ts';

/** Prints the history, the oldest first. */
export async function history(
  name: string,
  options: EngineOptions,
  output: Output,
): Promise<number> {
  const deployment = await loadNamed(name);
  const record = await readRecord(deployment.records.history);
  const runs = await withEngine(options, output, async ({ client }) => {
    const { listClosed } = await import('../../client/list.ts');
    return listClosed(client, name);
  }).catch((error: unknown) => {
    output.note(
      `only the record is shown: ${error instanceof Error ? error.message : String(error)}`,
    );
    return [];
  });
  const entries = mergeHistory(record, runs);
  for (const line of historyLines(name, entries, output.style)) output.say(line);
  output.answer({ deployment: name, record: deployment.records.history, history: entries });
  return EXIT.succeeded;
}

async function readRecord(file: string): Promise<HistoryLine[]> {
  try {
    const text = await readFile(file, 'utf8');
    return text.split('\n').flatMap((line) => parseHistoryLine(line) ?? []);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw failure(
      'environment',
      'record-unreadable',
      `The record ${file} can't be read: ${error instanceof Error ? error.message : String(error)}`,
      'Check who may read it',
      error,
    );
  }
}
