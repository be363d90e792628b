/** On a cluster, everything that can be killed is killed in the middle, and the promise is checked each time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureRegistry, stopRegistry } from '../../scripts/stack/registry.ts';
import type { ClusterSite } from '../../scripts/stack/cluster-site.ts';
import type { Outcome, Phase } from '../../src/domain/operation.ts';
import { expectServing, startSite } from '../cluster/site.ts';
import { without } from '../stack/cluster.ts';
import { Engine } from '../stack/engine.ts';

const BAD = '1.3.1';
let site: ClusterSite;
let number = 0;

beforeEach(async () => {
  number += 1;
  site = await startSite(`kfault${number}`, {
    settings: { 'health.timeout': '15s', 'target.helm.rollout': { progress: '30s', grace: '2m' } },
  });
});
afterEach(() => site.stop());

/** Starts an upgrade without waiting for its end. */
async function startUpgrade(to: string): Promise<Engine> {
  const args = ['upgrade', site.example.name, '--to', to, '--detach'];
  const { code, stderr, stdout } = await site.belay(args);
  expect(code, `${stdout}${stderr}`).toBe(0);
  return Engine.of(site);
}

/** What the operator does after a crash: looks. That alone makes it go on. */
async function lookAgain(): Promise<Engine> {
  const { code, stderr } = await site.belay(['status', site.example.name]);
  expect(code, stderr).toBe(0);
  return Engine.of(site);
}

async function expectEnding(engine: Engine, ending: Outcome['outcome']): Promise<void> {
  const outcome = await engine.outcome();
  await engine.close();
  expect(outcome.outcome, JSON.stringify(outcome.reasons)).toBe(ending);
  await expectServing(site, ending === 'succeeded' ? (outcome.to ?? '') : '1.2.2');
}

const phases: readonly (readonly [Phase, string, Outcome['outcome'], number])[] = [
  ['backup', '1.3.0', 'succeeded', 100],
  ['swap', '1.3.0', 'succeeded', 100],
  ['swap', '1.3.0', 'succeeded', 4_000],
  ['unwind', BAD, 'rolled-back', 300],
];

describe('kill -9 of the worker', () => {
  it.each(phases)('in %s to %s: %s (%i ms in)', async (phase, version, ending, afterMs) => {
    const engine = await startUpgrade(version);
    await engine.untilPhase(phase, 120_000);
    await sleep(afterMs);
    engine.killWorker();
    await engine.close();
    await expectEnding(await lookAgain(), ending);
  });
});

describe('kill -9 of worker and engine', () => {
  it('in the middle of a swap', async () => {
    const engine = await startUpgrade('1.3.0');
    await engine.untilPhase('swap');
    await sleep(1_500);
    engine.killAll();
    await engine.close();
    await expectEnding(await lookAgain(), 'succeeded');
  });
});

describe('the cluster', () => {
  it.each(['swap', 'judge'] as const)('loses its API server in %s', async (phase) => {
    const engine = await startUpgrade('1.3.0');
    await engine.untilPhase(phase);
    await sleep(phase === 'swap' ? 1_000 : 0);
    await without('kube-apiserver', () => sleep(6_000));
    await expectEnding(engine, 'succeeded');
  });

  it('loses its node’s kubelet in a swap, for a while', async () => {
    const engine = await startUpgrade('1.3.0');
    await engine.untilPhase('swap');
    await without('kubelet', () => sleep(15_000));
    await expectEnding(engine, 'succeeded');
  });

  it('loses its registry in a swap, for a while', async () => {
    // No node has this version yet: only this test upgrades to it.
    const engine = await startUpgrade('1.4.0');
    await engine.untilPhase('backup');
    await engine.untilPhase('swap');
    try {
      await stopRegistry({ signal: 'SIGKILL' });
      await sleep(8_000);
    } finally {
      await ensureRegistry();
    }
    await expectEnding(engine, 'succeeded');
  });
});

describe('another hand on the operation', () => {
  it('terminates it in a swap: the next operation takes it back', async () => {
    const engine = await startUpgrade('1.3.0');
    await engine.untilPhase('swap');
    await sleep(2_000);
    await engine.client.workflow.getHandle(`deployment/${site.example.name}`).terminate('by hand');
    const next = await startUpgrade('1.3.0');
    const outcome = await next.outcome();
    await next.close();
    expect(outcome.outcome, JSON.stringify(outcome.reasons)).toBe('rolled-back');
    await expectServing(site, '1.2.2');
  });
});
