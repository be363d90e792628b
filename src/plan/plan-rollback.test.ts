import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseHistoryLine } from '../domain/record.ts';
import type { HistoryLine } from '../domain/record.ts';
import { facts as upgradeFacts, image, observed } from './acme.fixture.ts';
import type { PlanFacts } from './facts.ts';
import { planRollback } from './plan-rollback.ts';
import { rollbackTarget } from './rollback-target.ts';
import { wantedVersion } from './wanted-version.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const lines = (...texts: string[]): HistoryLine[] => texts.map((text) => parseHistoryLine(text)!);
const UP = '20260326T100000 1.2.2 -> 1.3.0 SUCCESS log:/l';
const BACK = '20260326T120000 ROLLBACK 1.3.0 -> 1.2.2 log:/l';
const EARLIER = '20260301T100000 1.2.1 -> 1.2.2 SUCCESS log:/l';

describe('where a rollback goes', () => {
  it.each<
    [
      string,
      string,
      { to?: string; previous?: string; history?: HistoryLine[]; localVersions?: string[] },
      string,
    ]
  >([
    ['to the version asked for', '1.3.0', { to: '1.2.1', previous: '1.2.2' }, '1.2.1 request'],
    ['to the record', '1.3.0', { previous: '1.2.2', history: lines(EARLIER) }, '1.2.2 record'],
    ['to the history', '1.3.0', { history: lines(EARLIER, UP) }, '1.2.2 history'],
    [
      'to an older image',
      '1.3.0',
      { localVersions: ['1.2.1', '1.4.0', '1.2.2', 'edge', '1.3.0'] },
      '1.2.2 images',
    ],
    [
      'further back the second time',
      '1.2.2',
      { previous: '1.2.2', history: lines(EARLIER, UP, BACK) },
      '1.2.1 history',
    ],
    [
      'nowhere the second time',
      '1.2.2',
      { previous: '1.2.2', history: lines(UP, BACK) },
      'refused',
    ],
    ['never forward by the record', '1.2.2', { previous: '1.3.0' }, 'refused'],
    ['never forward by images', '1.2.2', { localVersions: ['1.3.0', '1.2.2'] }, 'refused'],
    ['nowhere without records', '1.2.2', {}, 'refused'],
    ['to what is no semantic version', 'summer', { previous: 'spring' }, 'spring record'],
  ])('%s', (_, from, { to, ...rest }, expected) => {
    const request = { deployment: 'acme', ...(to !== undefined && { to }) };
    const { deployment } = upgradeFacts;
    const target = rollbackTarget({ deployment, request, ...rest }, from);
    expect('refused' in target ? 'refused' : `${target.to} ${target.by}`).toBe(expected);
    if ('refused' in target) expect(target.refused.code).toBe('nothing-further-back');
  });
});

/** 1.3.0 runs, 1.2.2 was before. */
const facts: PlanFacts = {
  deployment: upgradeFacts.deployment,
  request: { deployment: 'acme' },
  source: { from: 'registry' },
  observed: {
    ...observed,
    components: { app: { declared: 'registry.example.com/shop/app:1.3.0', instances: [] } },
  },
  available: {
    app: { ...image, reference: 'registry.example.com/shop/app:1.2.2', imageId: 'sha256:old' },
  },
  fromPins: { app: { reference: 'registry.example.com/shop/app:1.3.0', imageId: 'sha256:new' } },
  changes: upgradeFacts.changes!,
  previous: '1.2.2',
  probeRefusals: [],
};

const planned = (changed: Partial<PlanFacts> = {}) => {
  const result = planRollback({ ...facts, ...changed }, sha256);
  if ('refused' in result) throw new Error(result.refused.map(({ message }) => message).join('\n'));
  return result.plan;
};
const codes = (changed: Partial<PlanFacts>) => {
  const result = planRollback({ ...facts, ...changed }, sha256);
  return 'refused' in result ? result.refused.map(({ code }) => code) : [];
};
const migrating = (kind: 'additive' | 'breaking' | 'unknown') => ({
  version: '1.3.0',
  migrations: [{ version: 2017, kind }],
  digests: {},
});
const database = { serverVersion: '18.6', sizeBytes: 1 };

describe('a rollback', () => {
  it('is planned: the runtime only, judged by the rollback’s own time', () => {
    const plan = planned();
    expect(plan).toMatchObject({
      operation: 'rollback',
      fromVersion: '1.3.0',
      toVersion: '1.2.2',
      toPins: { app: { imageId: 'sha256:old' } },
      fromPins: { app: { imageId: 'sha256:new' } },
      backup: { take: false },
      notes: [
        '1.2.2 was found in the record of the previous version',
        'there is no release file for 1.3.0: its migrations stay, and are assumed to leave 1.2.2 working',
      ],
    });
    expect(plan.steps.map(({ phase }) => phase)).toEqual(['fetch', 'swap', 'judge', 'settle']);
    expect(plan.steps[2]!.does).toContain('for at most 1m');
  });

  it('goes from what is sick, reports nothing, or reports something else', () => {
    expect(planned({ healthBefore: { ok: false, why: 'answers 503' } }).toVersion).toBe('1.2.2');
    expect(planned({ versionUnreadable: 'it exited' }).notes.join()).toContain('could not be read');
    expect(planned({ runningVersion: '1.2.2' }).notes.join()).toContain('reports version 1.2.2');
  });

  it.each<[string, Partial<PlanFacts>, string[]]>([
    ['forward', { request: { deployment: 'acme', to: '1.4.0' } }, ['not-back']],
    ['to where it is', { request: { deployment: 'acme', to: '1.3.0' } }, ['already-there']],
    ['past breaking migrations', { leaving: migrating('breaking') }, ['rollback-breaking']],
    [
      'under a claim',
      { probeRefusals: [{ code: 'x', message: 'y', remedy: 'z' }], previous: '1.3.0' },
      ['x', 'nothing-further-back'],
    ],
  ])('is refused %s', (_, changed, expected) => {
    expect(codes(changed)).toEqual(expected);
  });

  it('is told about migrations that stay', () => {
    expect(planned({ leaving: migrating('additive') }).migrations).toEqual({
      kind: 'additive',
      note: 'the migrations 2017 (additive) of 1.3.0 stay: schemas are not taken back',
    });
    expect(planned({ leaving: migrating('unknown') }).notes.join()).toContain(
      'health gate has to show',
    );
  });

  it('is free to pass breaking migrations that were never applied', () => {
    const leaving = migrating('breaking');
    expect(planned({ leaving, database: { ...database, ledger: [2016] } }).migrations.kind).toBe(
      'additive',
    );
  });

  it('to a point needs no registry any more, and says whose word the images are', () => {
    const reference = 'registry.example.com/shop/app:1.2.2';
    const revision = {
      revision: 4,
      at: '2026-03-26T10:00:00.000Z',
      status: 'superseded',
      usable: true,
      description: '',
      references: { app: reference },
    };
    const told = planned({ revisions: [revision] });
    expect(told.toPins).toEqual({ app: { reference, imageId: 'sha256:old' } });
    expect(told.steps[0]!.does).toBe(
      `leaves ${reference} to the nodes, which have them or pull them in the swap`,
    );
    const recorded = planned({ revisions: [revision], recordedAt: '20260326T100000' });
    expect(recorded.toPins).toEqual(told.toPins);
    expect(recorded.notes.filter((text) => !told.notes.includes(text))).toEqual([
      'the images of 1.2.2 are those of the record of 20260326T100000; a node that does not have them any more pulls them, or waits until it can',
    ]);
    expect(planned().toPins).toMatchObject({ app: { digest: image.digest } });
  });

  it('names its version before the images are located', () => {
    expect(wantedVersion('rollback', facts)).toBe('1.2.2');
    expect(wantedVersion('rollback', { ...facts, previous: '1.3.0' })).toBeUndefined();
    expect(wantedVersion('upgrade', { ...facts, request: { deployment: 'acme', to: '9' } })).toBe(
      '9',
    );
  });
});
