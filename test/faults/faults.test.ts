/** Everything that can be killed is killed in the middle, and the promise is checked each time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureDocker, restartDocker } from '../../scripts/stack/docker.ts';
import { ensureRegistry, stopRegistry } from '../../scripts/stack/registry.ts';
import { mustRun, Site } from '../../scripts/stack/site.ts';
import type { Outcome, Phase } from '../../src/domain/operation.ts';
import { Engine, killCompose } from '../stack/engine.ts';
import { expectPromise, forgetImage, rememberSite, type Before } from '../stack/promise.ts';
import { startWriter } from '../stack/writer.ts';

const BAD = '1.4.0-unhealthy';

let site: Site;
let before: Before;
let number = 0;

beforeEach(async () => {
  number += 1;
  site = await Site.start({
    name: `fault${number}`,
    settings: { 'health.timeout': '15s' },
  });
  // Enough data that a dump can be interrupted, and a pull that has something to do.
  await site.compose(
    'exec',
    '-T',
    'db',
    'psql',
    '-U',
    'atlas',
    '-d',
    'atlas',
    '-qc',
    `insert into incidents (title) select md5(n::text) || md5((n+1)::text) from generate_series(1, 150000) n`,
  );
  await forgetImage('1.3.0');
  before = await rememberSite(site);
});

afterEach(() => site.stop());

/** Starts an upgrade without waiting for its end. */
async function startUpgrade(to: string): Promise<Engine> {
  const { code, stderr, stdout } = await site.belay([
    'upgrade',
    site.example.name,
    '--to',
    to,
    '--detach',
  ]);
  expect(code, `${stdout}${stderr}`).toBe(0);
  return Engine.of(site);
}

/** What the operator does after a crash: looks. That alone makes it go on. */
async function lookAgain(): Promise<Engine> {
  const { code, stderr } = await site.belay(['status', site.example.name]);
  expect(code, stderr).toBe(0);
  return Engine.of(site);
}

async function expectEnding(engine: Engine, ending: Outcome['outcome'], rows: readonly string[]) {
  const outcome = await engine.outcome();
  await engine.close();
  expect(outcome.outcome, JSON.stringify(outcome.reasons)).toBe(ending);
  await expectPromise(site, before, outcome, rows);
}

const phases: readonly (readonly [Phase, string, Outcome['outcome'], number])[] = [
  ['backup', '1.3.0', 'succeeded', 50],
  ['fetch', '1.3.0', 'succeeded', 0],
  ['swap', '1.3.0', 'succeeded', 100],
  ['swap', '1.3.0', 'succeeded', 500],
  ['swap', '1.3.0', 'succeeded', 900],
  ['migrate', '1.3.0', 'succeeded', 0],
  ['judge', '1.3.0', 'succeeded', 200],
  ['judge', BAD, 'rolled-back', 2_000],
  ['unwind', BAD, 'rolled-back', 300],
];

describe('kill -9 of the worker', () => {
  it.each(phases)('in %s of %s: %s (after %i ms)', async (phase, to, ending, afterMs) => {
    const writer = startWriter(site);
    const engine = await startUpgrade(to);
    await engine.untilPhase(phase);
    await sleep(afterMs);
    engine.killWorker();
    await engine.close();
    const next = await lookAgain();
    await next.untilPhase('closed', 120_000).catch(() => undefined);
    await expectEnding(next, ending, await writer.stop());
  });
});

describe('kill -9 of engine, worker and Compose', () => {
  it('in the middle of a swap: the upgrade finishes by itself', async () => {
    const writer = startWriter(site);
    const engine = await startUpgrade('1.3.0');
    await engine.untilPhase('swap');
    await sleep(400);
    engine.killAll();
    await killCompose(site);
    await engine.close();
    await expectEnding(await lookAgain(), 'succeeded', await writer.stop());
  });
});

describe('kill -9 of the running docker compose', () => {
  it.each([150, 450, 800])('%i ms into the swap', async (afterMs) => {
    const writer = startWriter(site);
    const engine = await startUpgrade('1.3.0');
    await engine.untilPhase('swap');
    await sleep(afterMs);
    await killCompose(site);
    const outcome = await engine.outcome();
    expect(['succeeded', 'rolled-back']).toContain(outcome.outcome);
    await expectEnding(engine, outcome.outcome, await writer.stop());
  });
});

describe('restart of dockerd', () => {
  it.each([
    ['swap', '1.3.0', 'SIGTERM', 300],
    ['judge', '1.4.0-slow', 'SIGTERM', 3_000],
  ] as const)('in the middle of %s of %s by %s', async (phase, to, signal, afterMs) => {
    const engine_ = await ensureDocker();
    if (!engine_.startedByUs) throw new Error('the Docker engine is not the test stack’s own');
    await site.stop();
    site = await Site.start({ name: `fault${number}d`, settings: { 'health.timeout': '90s' } });
    before = await rememberSite(site);
    const engine = await startUpgrade(to);
    await engine.untilPhase(phase);
    await sleep(afterMs);
    await restartDocker({ signal });
    const outcome = await engine.outcome();
    expect(outcome.outcome, JSON.stringify(outcome)).toBe('succeeded');
    const [db] = await site.containers('db');
    expect(db?.state).toBe('running');
    await expectEnding(engine, 'succeeded', []);
  });
});

describe('a registry that is down', () => {
  it('is waited for, which status says, and the upgrade goes on when it is back', async () => {
    const registry = await ensureRegistry();
    if (!registry.startedByUs) throw new Error('the registry is not the test stack’s own');
    await stopRegistry();
    try {
      const engine = await startUpgrade('1.3.0');
      await expect
        .poll(async () => (await site.belay(['status', site.example.name])).stdout, {
          timeout: 30_000,
          interval: 1_000,
        })
        .toMatch(/waiting.*registry|registry.*127\.0\.0\.1:5000/is);
      expect(await site.serving(), 'nothing has changed meanwhile').toBe('1.2.2');
      await ensureRegistry();
      await expectEnding(engine, 'succeeded', []);
    } finally {
      await ensureRegistry();
    }
  });
});

describe('from the Temporal CLI', () => {
  const temporal = (engine: Engine, ...args: string[]) =>
    mustRun([
      process.env['BELAY_TEMPORAL_BIN'] ?? 'temporal',
      ...args,
      '--address',
      engine.address,
    ]);

  it('Terminate in the middle of a swap: the next command takes it back', async () => {
    const writer = startWriter(site);
    const engine = await startUpgrade('1.3.0');
    await engine.untilPhase('swap');
    await sleep(300);
    await temporal(
      engine,
      'workflow',
      'terminate',
      '-w',
      `deployment/${site.example.name}`,
      '--reason',
      'a test',
    );
    const status = await site.belay(['status', site.example.name]);
    expect(status.stdout).toMatch(/terminated|TERMINATED/i);
    const { code, json } = await site.json(['rollback', site.example.name]);
    expect(code, JSON.stringify(json)).toBe(3);
    await engine.close();
    await expectPromise(site, before, json as unknown as Outcome, await writer.stop());
  });

  it('Reset in the middle of a swap: the new run takes back what the old one left', async () => {
    const writer = startWriter(site);
    const engine = await startUpgrade('1.3.0');
    await engine.untilPhase('swap');
    await sleep(300);
    await temporal(
      engine,
      'workflow',
      'reset',
      '-w',
      `deployment/${site.example.name}`,
      '--type',
      'LastWorkflowTask',
      '--reason',
      'a test',
    );
    await expectEnding(engine, 'rolled-back', await writer.stop());
  });
});
