/** Parts of the machine that every deployment on it needs go away in the middle: one after the other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ensureDocker, restartDocker } from '../../scripts/stack/docker.ts';
import { ensureRegistry, stopRegistry } from '../../scripts/stack/registry.ts';
import { forgetImage } from '../stack/promise.ts';
import { expectEnding, onSite, startUpgrade } from './fault-site.ts';

describe('restart of dockerd', () => {
  it.each([
    ['swap', '1.3.0', 'SIGTERM', 300],
    ['judge', '1.4.0-slow', 'SIGTERM', 3_000],
  ] as const)('in the middle of %s of %s by %s', async (phase, to, signal, afterMs) => {
    const docker = await ensureDocker();
    if (!docker.startedByUs) throw new Error('the Docker engine is not the test stack’s own');
    await onSite({ settings: { 'health.timeout': '90s' } }, async (fault) => {
      const { site } = fault;
      const engine = await startUpgrade(site, to);
      await engine.untilPhase(phase);
      await sleep(afterMs);
      await restartDocker({ signal });
      const outcome = await engine.outcome();
      expect(outcome.outcome, JSON.stringify(outcome)).toBe('succeeded');
      const [db] = await site.containers('db');
      expect(db?.state).toBe('running');
      await expectEnding(fault, engine, 'succeeded');
    });
  });
});

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
            timeout: 30_000,
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
});
