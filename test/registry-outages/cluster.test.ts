import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ClusterSite } from '../../scripts/stack/cluster-site.ts';
import { ensureRegistry, stopRegistry } from '../../scripts/stack/registry.ts';
import { expectServing, outcome } from '../cluster/site.ts';
import { expectEnding, onSite, startUpgrade } from '../cluster-faults/fault-site.ts';
import { Engine } from '../stack/engine.ts';

describe('a cluster', () => {
  it('loses its registry in a swap, for a while', () =>
    onSite(async (site) => {
      // No node has this version yet: only this test upgrades to it.
      const engine = await startUpgrade(site, '1.4.0');
      await engine.untilPhase('swap');
      try {
        await stopRegistry({ signal: 'SIGKILL' });
        await sleep(8_000);
      } finally {
        await ensureRegistry();
      }
      await expectEnding(site, engine, 'succeeded');
    }));

  it('goes back without its registry, to the images that belay noted', () =>
    onSite(async (site) => {
      const { name } = site.example;
      const upgraded = await outcome(site, ['upgrade', name, '--to', '1.3.0']);
      expect(upgraded).toMatchObject({ code: 0, outcome: 'succeeded' });
      const notes = await withoutRegistry(() => goBack(site));
      expect(notes).toMatch(/the images of 1\.2\.2 are those of the record of \d{8}T/);
      await expectServing(site, '1.2.2');
    }));
});

async function withoutRegistry<T>(body: () => Promise<T>): Promise<T> {
  await stopRegistry();
  try {
    return await body();
  } finally {
    await ensureRegistry();
  }
}

/** Rolls back to the previous version; answers what its plan noted. It would wait for a registry for half an hour. */
async function goBack(site: ClusterSite): Promise<string> {
  const args = ['rollback', site.example.name];
  const { code, stdout, stderr } = await site.belay(args, { timeoutMs: 300_000 });
  expect(code, `${stdout}${stderr}`).toBe(0);
  const engine = await Engine.of(site);
  const status = await engine.status();
  await engine.close();
  return (status?.plan?.notes ?? []).join('\n');
}
