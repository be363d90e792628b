import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { ensureRegistry, stopRegistry } from '../../scripts/stack/registry.ts';
import { expectEnding, onSite, startUpgrade } from '../cluster-faults/fault-site.ts';

describe('a cluster', () => {
  it('loses its registry in a swap, for a while', () =>
    onSite(async (site) => {
      // No node has this version yet: only this test upgrades to it.
      const engine = await startUpgrade(site, '1.4.0');
      await engine.untilPhase('backup');
      await engine.untilPhase('swap');
      try {
        await stopRegistry({ signal: 'SIGKILL' });
        await sleep(8_000);
      } finally {
        await ensureRegistry();
      }
      await expectEnding(site, engine, 'succeeded');
    }));
});
