/** On a cluster, everything of an operation that can be killed is killed in the middle. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import type { Outcome, Phase } from '../../src/domain/operation.ts';
import { expectEnding, lookAgain, onSite, startUpgrade } from './fault-site.ts';

const BAD = '1.3.1';

const phases: readonly (readonly [Phase, string, Outcome['outcome'], number])[] = [
  ['backup', '1.3.0', 'succeeded', 100],
  ['swap', '1.3.0', 'succeeded', 100],
  ['swap', '1.3.0', 'succeeded', 4_000],
  ['unwind', BAD, 'rolled-back', 300],
];

describe.concurrent('kill -9', () => {
  it.each(phases)('of the worker in %s to %s: %s (%i ms in)', (phase, version, ending, afterMs) =>
    onSite(async (site) => {
      const engine = await startUpgrade(site, version);
      await engine.untilPhase(phase, 120_000);
      await sleep(afterMs);
      engine.killWorker();
      await engine.close();
      await expectEnding(site, await lookAgain(site), ending);
    }),
  );

  it('of worker and engine in the middle of a swap', () =>
    onSite(async (site) => {
      const engine = await startUpgrade(site, '1.3.0');
      await engine.untilPhase('swap');
      await sleep(1_500);
      engine.killAll();
      await engine.close();
      await expectEnding(site, await lookAgain(site), 'succeeded');
    }));

  it('of the operation itself, by Terminate in a swap: the next one takes it back', () =>
    onSite(async (site) => {
      const engine = await startUpgrade(site, '1.3.0');
      await engine.untilPhase('swap');
      await sleep(2_000);
      const workflow = engine.client.workflow.getHandle(`deployment/${site.example.name}`);
      await workflow.terminate('by hand');
      await engine.close();
      await expectEnding(site, await startUpgrade(site, '1.3.0'), 'rolled-back');
    }));
});
