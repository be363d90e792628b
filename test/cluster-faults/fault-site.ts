/** An installation for one fault, and what every fault ends with. */
import { expect } from 'vitest';
import type { ClusterSite } from '../../scripts/stack/cluster-site.ts';
import type { Outcome } from '../../src/domain/operation.ts';
import { expectServing, startSite } from '../cluster/site.ts';
import { Engine } from '../stack/engine.ts';

let number = 0;

/** Runs `body` with an installation of its own, of which nothing is left afterwards. */
export async function onSite(body: (site: ClusterSite) => Promise<void>): Promise<void> {
  number += 1;
  const site = await startSite(`kfault${process.pid}-${number}`, {
    // A machine that is busy must not be taken for a bad release.
    settings: { 'health.timeout': '60s', 'target.helm.rollout': { progress: '2m', grace: '2m' } },
  });
  try {
    await body(site);
  } finally {
    await site.stop();
  }
}

/** Starts an upgrade without waiting for its end. */
export async function startUpgrade(site: ClusterSite, to: string): Promise<Engine> {
  const args = ['upgrade', site.example.name, '--to', to, '--detach'];
  const { code, stderr, stdout } = await site.belay(args);
  expect(code, `${stdout}${stderr}`).toBe(0);
  return Engine.of(site);
}

/** What the operator does after a crash: looks. That alone makes it go on. */
export async function lookAgain(site: ClusterSite): Promise<Engine> {
  const { code, stderr } = await site.belay(['status', site.example.name]);
  expect(code, stderr).toBe(0);
  return Engine.of(site);
}

/** Waits for the end, and checks what serves. */
export async function expectEnding(
  site: ClusterSite,
  engine: Engine,
  ending: Outcome['outcome'],
): Promise<void> {
  const outcome = await engine.outcome();
  await engine.close();
  expect(outcome.outcome, JSON.stringify(outcome.reasons)).toBe(ending);
  await expectServing(site, ending === 'succeeded' ? (outcome.to ?? '') : '1.2.2');
}
