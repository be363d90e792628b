/** Everything of an operation that can be killed is killed in the middle, and the promise is checked each time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mustRun } from '../../scripts/stack/site.ts';
import type { Outcome, Phase } from '../../src/domain/operation.ts';
import { killCompose, type Engine } from '../stack/engine.ts';
import { expectPromise } from '../stack/promise.ts';
import { startWriter } from '../stack/writer.ts';
import { expectEnding, fill, lookAgain, onSite, startUpgrade } from './fault-site.ts';

const BAD = '1.4.0-unhealthy';
const SOON_JUDGED = { settings: { 'health.timeout': '15s' } };

const phases: readonly (readonly [Phase, string, Outcome['outcome'], number])[] = [
  ['backup', '1.3.0', 'succeeded', 50],
  ['swap', '1.3.0', 'succeeded', 100],
  ['swap', '1.3.0', 'succeeded', 500],
  ['swap', '1.3.0', 'succeeded', 900],
  ['migrate', '1.3.0', 'succeeded', 0],
  ['judge', '1.3.0', 'succeeded', 200],
  ['judge', BAD, 'rolled-back', 2_000],
  ['unwind', BAD, 'rolled-back', 300],
];

describe.concurrent('kill -9 of the worker', () => {
  it.each(phases)('in %s of %s: %s (after %i ms)', (phase, to, ending, afterMs) =>
    onSite(to === BAD ? SOON_JUDGED : {}, async (fault) => {
      const { site } = fault;
      if (phase === 'backup') await fill(site);
      const writer = startWriter(site);
      const engine = await startUpgrade(site, to);
      await engine.untilPhase(phase);
      await sleep(afterMs);
      engine.killWorker();
      await engine.close();
      const next = await lookAgain(site);
      await expectEnding(fault, next, ending, await rowsUntilClosed(next, writer));
    }),
  );
});

/** What was written until the operation was over. */
async function rowsUntilClosed(
  engine: Engine,
  writer: ReturnType<typeof startWriter>,
): Promise<readonly string[]> {
  await engine.untilPhase('closed', 120_000).catch(() => undefined);
  return writer.stop();
}

describe.concurrent('kill -9', () => {
  it('of engine, worker and Compose in a swap: the upgrade finishes by itself', () =>
    onSite({}, async (fault) => {
      const { site } = fault;
      const writer = startWriter(site);
      const engine = await startUpgrade(site, '1.3.0');
      await engine.untilPhase('swap');
      await sleep(400);
      engine.killAll();
      await killCompose(site);
      await engine.close();
      await expectEnding(fault, await lookAgain(site), 'succeeded', await writer.stop());
    }));

  it.each([150, 450, 800])('of the running docker compose, %i ms into the swap', (afterMs) =>
    onSite({}, async (fault) => {
      const { site } = fault;
      const writer = startWriter(site);
      const engine = await startUpgrade(site, '1.3.0');
      await engine.untilPhase('swap');
      await sleep(afterMs);
      await killCompose(site);
      const { outcome } = await engine.outcome();
      expect(['succeeded', 'rolled-back']).toContain(outcome);
      await expectEnding(fault, engine, outcome, await writer.stop());
    }),
  );
});

describe.concurrent('from the Temporal CLI', () => {
  const temporal = (engine: Engine, name: string, ...args: string[]) =>
    mustRun([
      process.env['BELAY_TEMPORAL_BIN'] ?? 'temporal',
      ...['workflow', ...args, '-w', `deployment/${name}`],
      ...['--reason', 'a test', '--address', engine.address],
    ]);

  it('Terminate in the middle of a swap: the next command takes it back', () =>
    onSite({}, async ({ site, before }) => {
      const { name } = site.example;
      const writer = startWriter(site);
      const engine = await startUpgrade(site, '1.3.0');
      await engine.untilPhase('swap');
      await sleep(300);
      await temporal(engine, name, 'terminate');
      const status = await site.belay(['status', name]);
      expect(status.stdout).toMatch(/terminated|TERMINATED/i);
      const { code, json } = await site.json(['rollback', name]);
      expect(code, JSON.stringify(json)).toBe(3);
      await engine.close();
      await expectPromise(site, before, json as unknown as Outcome, await writer.stop());
    }));

  it('Reset in the middle of a swap: the new run takes back what the old one left', () =>
    onSite({}, async (fault) => {
      const { site } = fault;
      const writer = startWriter(site);
      const engine = await startUpgrade(site, '1.3.0');
      await engine.untilPhase('swap');
      await sleep(300);
      await temporal(engine, site.example.name, 'reset', '--type', 'LastWorkflowTask');
      await expectEnding(fault, engine, 'rolled-back', await writer.stop());
    }));
});
