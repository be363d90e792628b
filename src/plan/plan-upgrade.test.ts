import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Release } from '../domain/deployment.ts';
import { breaking, deployed, facts, image, observed, parking, release } from './acme.fixture.ts';
import type { PlanFacts } from './facts.ts';
import { planUpgrade } from './plan-upgrade.ts';
import { renderPlan } from './render-plan.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function planned(changed: Partial<PlanFacts> = {}) {
  const result = planUpgrade({ ...facts, ...changed }, sha256);
  if ('refused' in result) throw new Error(result.refused.map(({ message }) => message).join('\n'));
  return result.plan;
}

describe('a plain upgrade', () => {
  it('is planned in full', () => {
    expect(planned()).toEqual({
      deployment: 'acme',
      operation: 'upgrade',
      fileDigest: 'f1',
      engineId: 'engine-1',
      machineId: 'machine-1',
      fromVersion: '1.2.2',
      toVersion: '1.3.0',
      fromPins: {
        app: { reference: 'registry.example.com/shop/app:1.2.2', imageId: 'sha256:old' },
      },
      toPins: {
        app: {
          reference: 'registry.example.com/shop/app:1.3.0',
          imageId: 'sha256:new',
          digest: 'sha256:d-new',
        },
      },
      source: { from: 'registry' },
      changes: facts.changes,
      steps: expect.any(Array) as unknown,
      backup: { take: true },
      migrations: {
        pending: [2017, 2018],
        wanted: [2017, 2018],
        kind: 'additive',
        note: '1.2.2 keeps working after them, says the release file of 1.3.0',
      },
      notes: [],
      estimates: { transferBytes: 4_000_000, backupBytes: 12_000_000, downtimeMs: 5_000 },
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it('reads well', () => {
    const lines = renderPlan({ ...planned(), digest: 'DIGEST' });
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "upgrade of acme: 1.2.2 → 1.3.0
      plan DIGEST

      Steps
        1. backup  dumps the database inside the container of db to /var/backups, reads the dump to its end, keeps the newest 5
                   undo: none needed: nothing that runs is changed
        2. fetch   pulls registry.example.com/shop/app:1.3.0 and compares identities
                   undo: none needed: images beside the running ones change nothing
        3. swap    declares and starts app on registry.example.com/shop/app:1.3.0, and nothing else
                   undo: swaps back to registry.example.com/shop/app:1.2.2, whose images are kept
        4. migrate waits until schema_migrations holds 2017, 2018, for at most 30m
                   undo: not undone: 1.2.2 keeps working after them
        5. judge   asks http://localhost:3000/health until 3 answers in a row are healthy and the version is 1.3.0, for at most 1m30s
                   undo: if it fails: captures evidence and goes back to 1.2.2, judged within 1m
        6. settle  writes a line into /opt/shop/history, and 1.2.2 as the previous version into /opt/shop/previous
                   undo: none needed

      Changes
        shop.yml
          -    image: registry.example.com/shop/app:1.2.2
          +    image: registry.example.com/shop/app:1.3.0
        $ docker up --no-deps app
          recreates the container of app

      Images
        app: registry.example.com/shop/app:1.3.0 from the registry
          image sha256:new, digest sha256:d-new
          now   sha256:old (registry.example.com/shop/app:1.2.2)

      Migrations
        2017, 2018 (additive): 1.2.2 keeps working after them, says the release file of 1.3.0

      Expected
        transfer 4.0 MB
        backup yes, up to 12.0 MB
        out of service for about 5s, plus the application's own start"
    `);
  });

  it.each<[string, Partial<PlanFacts>, string[]]>([
    ['with everything', {}, ['backup', 'fetch', 'swap', 'migrate', 'judge', 'settle']],
    [
      'without backup',
      { deployment: deployed({ backup: { skip: 'empty' } }) },
      ['fetch', 'swap', 'migrate', 'judge', 'settle'],
    ],
    [
      'without migrations',
      { deployment: deployed({ migrate: { how: 'none' } }) },
      ['backup', 'fetch', 'swap', 'judge', 'settle'],
    ],
    [
      'with a soak',
      { deployment: deployed({ soakMs: 1_000 }) },
      ['backup', 'fetch', 'swap', 'migrate', 'judge', 'soak', 'settle'],
    ],
    [
      'with a soak that was asked for',
      { request: { ...facts.request, soak: 1_000 } },
      ['backup', 'fetch', 'swap', 'migrate', 'judge', 'soak', 'settle'],
    ],
  ])('has its steps %s', (_, changed, phases) => {
    expect(planned(changed).steps.map(({ phase }) => phase)).toEqual(phases);
  });

  it.each<[string, Partial<PlanFacts>, string]>([
    [
      'no backup',
      { deployment: deployed({ backup: { skip: 'empty' } }) },
      'no backup is taken: empty',
    ],
    [
      'no release file',
      { release: undefined } as unknown as Partial<PlanFacts>,
      'are assumed to leave 1.2.2 working',
    ],
    [
      'a sick deployment',
      {
        request: { ...facts.request, evenIfUnhealthy: true },
        healthBefore: { ok: false, why: '503' },
      },
      'not healthy now, which was accepted',
    ],
    [
      'a point of no return',
      { release: breaking, deployment: deployed({ rollback: parking }) },
      'point of no return: after the migrations 2017 (breaking)',
    ],
    [
      'migrations that nothing waits for',
      { deployment: deployed({ migrate: { how: 'none' } }) },
      'which nothing here waits for',
    ],
    [
      'a ledger from the future',
      { database: { ...facts.database!, ledger: [2019] } },
      'the ledger holds 2019 already',
    ],
    [
      'a digest that archives lose',
      { release: release({ digests: { app: 'sha256:x' } }), available: { app: withoutDigest() } },
      'digest of app could not be compared',
    ],
  ])('notes %s', (_, changed, text) => {
    expect(planned(changed).notes.join('\n')).toContain(text);
  });

  it('asks for no migrations that are applied already', () => {
    const database = { ...facts.database!, ledger: [2016, 2017, 2018] };
    expect(planned({ database, release: breakingButApplied() }).migrations).toMatchObject({
      pending: [],
      wanted: [2017, 2018],
      kind: 'additive',
    });
  });

  it('does not say what is pending when the ledger is not known', () => {
    const { ledger: _, ...database } = facts.database!;
    expect(planned({ database }).migrations).not.toHaveProperty('pending');
  });

  it('transfers nothing that is here', () => {
    const available = { app: { ...image, present: true } };
    const disk = { images: { freeBytes: 0 } };
    expect(planned({ available, disk }).estimates.transferBytes).toBe(0);
  });
});

function withoutDigest() {
  const { digest: _, ...rest } = image;
  return rest;
}

function breakingButApplied(): Release {
  return release({
    migrations: [
      { version: 2017, kind: 'breaking' },
      { version: 2018, kind: 'unknown' },
    ],
  });
}

describe('the digest', () => {
  it('does not depend on the order of keys, nor on sizes, times and free room', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, member]) => [key, reversed(member)]),
      );
    };
    const { digest } = planned();
    expect(planUpgrade(reversed(facts) as PlanFacts, sha256)).toMatchObject({ plan: { digest } });
    const later: Partial<PlanFacts> = {
      available: { app: { ...image, transferBytes: 7, present: true } },
      database: { ...facts.database!, sizeBytes: 13_000_000 },
      disk: {},
      healthBefore: { ok: true, status: 200, tookMs: 900 },
      lastDowntimeMs: 900,
    };
    expect(planned(later)).toMatchObject({ digest, estimates: { downtimeMs: 900 } });
  });

  it.each<[string, Partial<PlanFacts>]>([
    ['another image under the tag', { available: { app: { ...image, imageId: 'sha256:other' } } }],
    ['another deployment file', { deployment: deployed({ fileDigest: 'f2' }) }],
    ['another edit', { changes: facts.changes!.slice(1) }],
    ['another engine', { observed: { ...observed, engineId: 'engine-2' } }],
    ['another soak', { request: { ...facts.request, soak: 5_000 } }],
    ['a migration that was applied since', { database: { ...facts.database!, ledger: [2017] } }],
  ])('changes with %s', (_, changed) => {
    expect(planned(changed).digest).not.toBe(planned().digest);
  });

  it('can be asked for', () => {
    const { digest } = planned();
    expect(planned({ request: { ...facts.request, planDigest: digest } }).digest).toBe(digest);
  });
});
