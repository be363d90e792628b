/** The Docker engine, which every deployment on the machine needs, goes away in the middle. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ensureDocker, restartDocker } from '../../scripts/stack/docker.ts';
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
