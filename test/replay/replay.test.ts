/** Golden histories, of closed runs and of open ones in every wait, replayed on today's code. */
import { readdirSync, readFileSync } from 'node:fs';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { workflowBundle } from '../../src/worker/bundle.ts';

const folder = new URL('histories/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

const parse = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

describe('golden histories', () => {
  it('are there, of closed and of open runs', () => {
    expect(files.filter((name) => name.startsWith('open-')).length).toBeGreaterThanOrEqual(6);
    expect(files.filter((name) => !name.startsWith('open-')).length).toBeGreaterThanOrEqual(5);
  });

  it.each(files)('%s replays', async (name) => {
    const bundle = await workflowBundle();
    await Worker.runReplayHistory(
      { workflowBundle: bundle },
      historyFromJSON(parse(name)),
      'deployment/acme',
    );
  });

  it('would fail on other code: a changed history does not replay', async () => {
    const text = readFileSync(new URL('upgrade-succeeded.json', folder), 'utf8');
    const changed: unknown = JSON.parse(
      text.replaceAll('"takeOver"', '"x"').replaceAll('"name": "fetch"', '"name": "carry"'),
    );
    await expect(
      Worker.runReplayHistory(
        { workflowBundle: await workflowBundle() },
        historyFromJSON(changed),
        'deployment/acme',
      ),
    ).rejects.toThrow();
  });
});
