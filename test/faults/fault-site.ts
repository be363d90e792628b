/** A site for one fault, and what every fault ends with. */
import { expect } from 'vitest';
import { Site, type SiteOptions } from '../../scripts/stack/site.ts';
import type { Outcome } from '../../src/domain/operation.ts';
import { Engine } from '../stack/engine.ts';
import { expectPromise, rememberSite, type Before } from '../stack/promise.ts';

/** A site, and what it was before the fault. */
export interface FaultSite {
  readonly site: Site;
  readonly before: Before;
}

let number = 0;

/** Runs `body` with a site of its own, of which nothing is left afterwards. */
export async function onSite(
  { settings, ...options }: Partial<Omit<SiteOptions, 'name'>>,
  body: (fault: FaultSite) => Promise<void>,
): Promise<void> {
  number += 1;
  const site = await Site.start({
    name: `fault${process.pid}-${number}`,
    // A machine that is busy must not be taken for a bad release.
    settings: { 'health.timeout': '60s', ...settings },
    ...options,
  });
  try {
    await body({ site, before: await rememberSite(site) });
  } finally {
    await site.stop();
  }
}

/** Gives the database so much that a dump can be interrupted. */
export async function fill(site: Site): Promise<void> {
  const rows = 'select md5(n::text) || md5((n+1)::text) from generate_series(1, 150000) n';
  const psql = ['psql', '-U', 'atlas', '-d', 'atlas', '-qc'];
  await site.compose('exec', '-T', 'db', ...psql, `insert into incidents (title) ${rows}`);
}

/** Starts an upgrade without waiting for its end. */
export async function startUpgrade(site: Site, to: string): Promise<Engine> {
  const argv = ['upgrade', site.example.name, '--to', to, '--detach'];
  const { code, stderr, stdout } = await site.belay(argv);
  expect(code, `${stdout}${stderr}`).toBe(0);
  return Engine.of(site);
}

/** What the operator does after a crash: looks. That alone makes it go on. */
export async function lookAgain(site: Site): Promise<Engine> {
  const { code, stderr } = await site.belay(['status', site.example.name]);
  expect(code, stderr).toBe(0);
  return Engine.of(site);
}

/** Waits for the end, and checks the promise. */
export async function expectEnding(
  { site, before }: FaultSite,
  engine: Engine,
  ending: Outcome['outcome'],
  rows: readonly string[] = [],
): Promise<void> {
  const outcome = await engine.outcome();
  await engine.close();
  expect(outcome.outcome, JSON.stringify(outcome.reasons)).toBe(ending);
  await expectPromise(site, before, outcome, rows);
}
