/** Parts of the cluster that everything on it needs go away in the middle: one after the other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { without } from '../stack/cluster.ts';
import { expectEnding, onSite, startUpgrade } from './fault-site.ts';

describe('the cluster', () => {
  it.each(['swap', 'judge'] as const)('loses its API server in %s', (phase) =>
    onSite(async (site) => {
      const engine = await startUpgrade(site, '1.3.0');
      await engine.untilPhase(phase);
      await sleep(phase === 'swap' ? 1_000 : 0);
      await without('kube-apiserver', () => sleep(6_000));
      await expectEnding(site, engine, 'succeeded');
    }),
  );

  it('loses its node’s kubelet in a swap, for a while', () =>
    onSite(async (site) => {
      const engine = await startUpgrade(site, '1.3.0');
      await engine.untilPhase('swap');
      await without('kubelet', () => sleep(15_000));
      await expectEnding(site, engine, 'succeeded');
    }));
});
