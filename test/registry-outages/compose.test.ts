import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ensureRegistry, stopRegistry } from '../../scripts/stack/registry.ts';
import { expectEnding, fill, lookAgain, onSite, startUpgrade } from '../faults/fault-site.ts';
import { forgetImage } from '../stack/promise.ts';

describe('a registry that is down', () => {
  it('is waited for, which status says, and the upgrade goes on when it is back', () =>
    onSite({}, async (fault) => {
      const { site } = fault;
      const registry = await ensureRegistry();
      if (!registry.startedByUs) throw new Error('the registry is not the test stack’s own');
      await forgetImage('1.3.0');
      await stopRegistry();
      try {
        const engine = await startUpgrade(site, '1.3.0');
        await expect
          .poll(async () => (await site.belay(['status', site.example.name])).stdout, {
            timeout: 120_000,
            interval: 1_000,
          })
          .toMatch(/waiting.*registry|registry.*127\.0\.0\.1:5000/is);
        expect(await site.serving(), 'nothing has changed meanwhile').toBe('1.2.2');
        await ensureRegistry();
        await expectEnding(fault, engine, 'succeeded');
      } finally {
        await ensureRegistry();
      }
    }));

  it('does not keep a worker that is killed in fetch from going on', () =>
    onSite({}, async (fault) => {
      const { site } = fault;
      await fill(site);
      await forgetImage('1.3.0');
      const engine = await startUpgrade(site, '1.3.0');
      await engine.untilPhase('backup');
      // The plan has seen the image; now it can't be pulled.
      await stopRegistry();
      try {
        await engine.untilPhase('fetch');
        await sleep(1_000);
        engine.killWorker();
        await engine.close();
      } finally {
        await ensureRegistry();
      }
      await expectEnding(fault, await lookAgain(site), 'succeeded');
    }));
});
