/** The main job on real Docker, Postgres and Temporal: the good version, and every bad one. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureRegistry } from '../../scripts/stack/registry.ts';
import { mustRun, run, Site } from '../../scripts/stack/site.ts';
import type { Outcome, Status } from '../../src/domain/operation.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { expectPromise, forgetImage, IMAGE, rememberSite } from '../stack/promise.ts';
import { startWriter } from '../stack/writer.ts';

const outcomeOf = (json: Record<string, unknown>) => json as unknown as Outcome;
const planOf = (json: Record<string, unknown>) => (json['plan'] ?? json) as Plan;

describe('1.2.2 → 1.3.0', () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.start({ name: 'itgood' });
  });
  afterAll(() => site.stop());

  it('plans without changing anything', async () => {
    const before = await rememberSite(site);
    const { code, stdout } = await site.belay(['plan', 'itgood', '--to', '1.3.0']);
    expect(code).toBe(0);
    expect(stdout).toContain(`-    image: ${IMAGE}:1.2.2`);
    expect(stdout).toContain(`+    image: ${IMAGE}:1.3.0`);
    await expectPromise(site, before, { outcome: 'refused' });
    await expect(stat(join(site.example.directory, '.belay'))).rejects.toThrow();
  });

  it('upgrades, pulling real bytes, and losing no row', async () => {
    const before = await rememberSite(site);
    await forgetImage('1.3.0');
    const planned = await site.json(['plan', 'itgood', '--to', '1.3.0']);
    expect(planOf(planned.json).estimates.transferBytes, 'bytes to pull').toBeGreaterThan(100_000);
    const writer = startWriter(site);
    const { code, json } = await site.json(['upgrade', 'itgood', '--to', '1.3.0']);
    const rows = await writer.stop();
    expect(code).toBe(0);
    const outcome = outcomeOf(json);
    expect(outcome).toMatchObject({ outcome: 'succeeded', serving: '1.3.0', proven: true });
    expect(rows.length).toBeGreaterThan(10);
    await expectPromise(site, before, outcome, rows);
    await expectBackup(outcome);
    expect(await ledger(site)).toEqual(['2017', '2018']);
    expect(await readFile(site.example.history, 'utf8')).toMatch(
      /^\d{8}T\d{6} 1\.2\.2 -> 1\.3\.0 SUCCESS log:\/.*upgrade-\d{8}T\d{6}\.log\n$/,
    );
    expect(await readFile(site.example.previous, 'utf8')).toBe('1.2.2\n');
  });

  it('has nothing to do when it is there already', async () => {
    const { code, json } = await site.json(['upgrade', 'itgood', '--to', '1.3.0']);
    expect(code).toBe(5);
    expect(outcomeOf(json).reasons.map((reason) => reason.code)).toContain('already-there');
  });

  it('rolls back to the recorded previous version, once', async () => {
    const first = await site.json(['rollback', 'itgood']);
    expect(first.code).toBe(0);
    expect(outcomeOf(first.json)).toMatchObject({ outcome: 'succeeded', serving: '1.2.2' });
    expect(await site.healthy(20_000)).toBe('1.2.2');
    const second = await site.json(['rollback', 'itgood']);
    expect(second.code).toBe(5);
    const history = await readFile(site.example.history, 'utf8');
    expect(history).toMatch(/\n\d{8}T\d{6} ROLLBACK 1\.3\.0 -> 1\.2\.2 log:\/.*\.log\n$/);
  });

  it('shows all of it', async () => {
    const { code, stdout } = await site.belay(['history', 'itgood']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/upgrade +1\.2\.2 → 1\.3\.0 +succeeded/);
    expect(stdout).toMatch(/rollback +1\.3\.0 → 1\.2\.2 +succeeded/);
  });

  it('runs one of two upgrades started at once, and refuses the other clearly', async () => {
    const before = await rememberSite(site);
    const both = await Promise.all([
      site.json(['upgrade', 'itgood', '--to', '1.3.0']),
      site.json(['upgrade', 'itgood', '--to', '1.3.0']),
    ]);
    expect(both.map(({ code }) => code).sort()).toEqual([0, 5]);
    const refused = both.find(({ code }) => code === 5);
    expect(JSON.stringify(refused?.json)).toMatch(/open|running already|in progress/);
    await expectPromise(site, before, { outcome: 'succeeded', serving: '1.3.0' });
  });

  async function expectBackup({ backup }: Outcome): Promise<void> {
    expect(backup?.proof).toBe('full-read');
    const file = backup?.file ?? '';
    expect(file).toMatch(/db-backup-1\.2\.2-\d{8}T\d{6}\.dump$/);
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
    expect(await readdir(site.example.backups)).not.toContainEqual(
      expect.stringContaining('partial'),
    );
  }
});

describe('a tag in .env', () => {
  it('is edited there, and the Compose file is left alone', async () => {
    const site = await Site.start({ name: 'itenv', style: 'env' });
    try {
      const before = await rememberSite(site);
      const { code, json } = await site.json(['upgrade', 'itenv', '--to', '1.3.0']);
      expect(code).toBe(0);
      await expectPromise(site, before, outcomeOf(json));
    } finally {
      await site.stop();
    }
  });
});

describe('bad versions', () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.start({
      name: 'itbad',
      settings: { 'health.timeout': '12s', 'migrate.timeout': '90s' },
    });
  });
  const table: string[] = [];
  afterAll(async () => {
    await site.stop();
    // The table of docs/operations.md, as this run saw it.
    process.stdout.write(
      `\n| release | what it does | ending | exit |\n| --- | --- | --- | --- |\n${table.join('')}`,
    );
  });

  it.each([
    ['1.3.1', 'exits at start', /restart|exited/],
    ['1.4.0-unhealthy', 'answers 503', /503/],
    ['1.4.0-degraded', 'answers status: degraded', /degraded/],
    ['1.4.0-wrongversion', 'reports the wrong version', /version/],
    ['1.4.0-flaky', 'is healthy twice and then not', /503|in a row/],
    ['1.4.0-hang', 'accepts and never answers', /no answer/],
    ['1.4.0-badmigration', 'fails its migration', /restart|exited|2019/],
    ['1.4.0-loop', 'restarts in a loop', /restart|exited/],
  ])('%s (%s) is rolled back', async (version, does, reason) => {
    const before = await rememberSite(site);
    const writer = startWriter(site);
    const { code, json } = await site.json(['upgrade', 'itbad', '--to', version]);
    const rows = await writer.stop();
    const outcome = outcomeOf(json);
    table.push(`| ${version} | ${does} | ${outcome.outcome} | ${code ?? '?'} |\n`);
    expect(outcome).toMatchObject({ outcome: 'rolled-back', serving: '1.2.2', proven: true });
    expect(code).toBe(3);
    expect(outcome.reasons.map(({ message }) => message).join('; ')).toMatch(reason);
    expect(outcome.evidence.length).toBeGreaterThan(1);
    for (const { path } of outcome.evidence) {
      expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
    }
    await expectPromise(site, before, outcome, rows);
  });

  it('1.4.0-slow needs 40 s and succeeds', async () => {
    const slow = await Site.start({ name: 'itslow' });
    try {
      const before = await rememberSite(slow);
      const { code, json } = await slow.json(['upgrade', 'itslow', '--to', '1.4.0-slow']);
      const { outcome } = outcomeOf(json);
      table.push(`| 1.4.0-slow | needs 40 s | ${outcome} | ${code ?? '?'} |\n`);
      expect(code).toBe(0);
      await expectPromise(slow, before, outcomeOf(json));
    } finally {
      await slow.stop();
    }
  });
});

describe('an offline bundle', () => {
  it('upgrades with the registry out of reach, from .tar, .tar.gz and .tar.zst', async () => {
    const { address } = await ensureRegistry();
    expect(address).toBe('127.0.0.1:5000');
    const site = await Site.start({ name: 'itbundle', settings: { bundles: ['.'] } });
    try {
      const before = await rememberSite(site);
      await run(['docker', 'pull', `${IMAGE}:1.3.0`]);
      const tar = join(site.example.directory, 'tenant-plane-1.3.0.tar');
      await mustRun(['docker', 'save', '-o', tar, `${IMAGE}:1.3.0`]);
      await mustRun(['gzip', '-1', '-k', tar]);
      await run(['docker', 'image', 'rm', `${IMAGE}:1.3.0`]);
      const { code, json } = await site.json([
        'upgrade',
        'itbundle',
        '--to',
        '1.3.0',
        '--bundle',
        `${tar}.gz`,
      ]);
      expect(code, JSON.stringify(json)).toBe(0);
      await expectPromise(site, before, outcomeOf(json));
    } finally {
      await site.stop();
    }
  });
});

describe('belay status', () => {
  it('follows a detached upgrade that waits for an approval', async () => {
    const site = await Site.start({ name: 'itwait' });
    try {
      const before = await rememberSite(site);
      const started = await site.belay([
        'upgrade',
        'itwait',
        '--to',
        '1.3.0',
        '--approval',
        '--detach',
      ]);
      expect(started.code).toBe(0);
      const status = await waitForPhase(site, 'approval');
      const digest = status.plan?.digest ?? '';
      const wrong = await site.json([
        'approve',
        'itwait',
        '--plan-digest',
        'sha256:0',
        '--reason',
        'no',
      ]);
      expect(wrong.code).toBe(5);
      const approved = await site.json([
        'approve',
        'itwait',
        '--plan-digest',
        digest,
        '--reason',
        'read it',
      ]);
      expect(approved.code).toBe(0);
      expect(await site.healthy(60_000)).toBeDefined();
      await waitForVersion(site, '1.3.0');
      await waitForClosed(site);
      await expectPromise(site, before, { outcome: 'succeeded', serving: '1.3.0' });
    } finally {
      await site.stop();
    }
  });
});

async function ledger(site: Site): Promise<string[]> {
  const rows = await site.compose(
    'exec',
    '-T',
    'db',
    'psql',
    '-U',
    'atlas',
    '-d',
    'atlas',
    '-Atc',
    'select version from schema_migrations where version > 2016 order by 1',
  );
  return rows.split('\n').filter(Boolean);
}

async function waitForPhase(site: Site, phase: string): Promise<Status> {
  for (let turn = 0; turn < 100; turn += 1) {
    const { json } = await site.json(['status', site.example.name]);
    const found = (json['status'] ?? json) as Status;
    if (found.phase === phase) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`never in phase ${phase}`);
}

async function waitForVersion(site: Site, version: string): Promise<void> {
  await expect.poll(() => site.serving(), { timeout: 60_000, interval: 200 }).toBe(version);
}

async function waitForClosed(site: Site): Promise<void> {
  await expect
    .poll(
      async () => {
        const { json } = await site.json(['status', site.example.name]);
        return ((json['status'] ?? json) as Partial<Status>).phase ?? 'closed';
      },
      { timeout: 60_000, interval: 300 },
    )
    .toBe('closed');
}
