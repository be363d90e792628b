import { describe, expect, it } from 'vitest';
import type { Revision } from '../domain/target.ts';
import { facts as upgradeFacts, image, observed } from './acme.fixture.ts';
import type { PlanFacts } from './facts.ts';
import { planRollback } from './plan-rollback.ts';

const sha256 = (text: string) => `digest of ${text.length}`;
const revision = (number: number, version: string, changed: Partial<Revision> = {}): Revision => ({
  revision: number,
  at: '2026-03-26T10:00:00Z',
  status: 'superseded',
  usable: true,
  description: 'Upgrade complete',
  references: { app: `registry.example.com/shop/app:${version}` },
  ...changed,
});

/** Revision 5 runs 1.3.0. */
const facts: PlanFacts = {
  deployment: upgradeFacts.deployment,
  request: { deployment: 'acme' },
  source: { from: 'registry' },
  observed: {
    ...observed,
    point: { revision: 5 },
    components: { app: { declared: 'registry.example.com/shop/app:1.3.0', instances: [] } },
  },
  available: {
    app: { ...image, reference: 'registry.example.com/shop/app:1.2.2', imageId: 'sha256:old' },
  },
  fromPins: { app: { reference: 'registry.example.com/shop/app:1.3.0', imageId: 'sha256:new' } },
  changes: upgradeFacts.changes!,
  previous: '1.2.2',
  revisions: [
    revision(1, '1.2.1'),
    revision(2, '1.2.2'),
    revision(3, '1.2.2', { objects: { 'Deployment/app': 7 } }),
    revision(4, '1.3.0', { usable: false, status: 'failed' }),
    revision(5, '1.3.0', { status: 'deployed' }),
  ],
  probeRefusals: [],
};

const planned = (request: Partial<PlanFacts['request']>, changed: Partial<PlanFacts> = {}) =>
  planRollback({ ...facts, ...changed, request: { deployment: 'acme', ...request } }, sha256);

const pointsOf = (result: ReturnType<typeof planned>) =>
  'plan' in result
    ? { version: result.plan.toVersion, from: result.plan.fromPoint, to: result.plan.toPoint }
    : result.refused.map(({ code, message }) => `${code}: ${message}`);

describe('the point that a rollback goes to', () => {
  it('is the newest that has the wanted images', () => {
    expect(pointsOf(planned({}))).toEqual({
      version: '1.2.2',
      from: { revision: 5 },
      to: { revision: 3, objects: { 'Deployment/app': 7 } },
    });
  });

  it('is the one that was named, with the version that it has', () => {
    const available = { app: { ...image, reference: 'registry.example.com/shop/app:1.2.1' } };
    expect(pointsOf(planned({ toRevision: 1 }, { available }))).toMatchObject({
      version: '1.2.1',
      to: { revision: 1 },
    });
  });

  it('is none where the history has no such version', () => {
    expect(pointsOf(planned({ to: '1.2.2' }, { revisions: [] }))).toEqual({
      version: '1.2.2',
      from: { revision: 5 },
      to: undefined,
    });
  });

  it('may be another configuration of the same version', () => {
    const available = { app: { ...image, reference: 'registry.example.com/shop/app:1.3.0' } };
    const revisions = [revision(2, '1.3.0'), revision(5, '1.3.0')];
    expect(pointsOf(planned({ toRevision: 2 }, { revisions, available }))).toMatchObject({
      version: '1.3.0',
      to: { revision: 2 },
    });
  });

  it.each([
    ['unknown', { toRevision: 9 }, 'no-such-revision: acme: revision 9 is not in its history'],
    ['failed', { toRevision: 4 }, 'no-such-revision: acme: revision 4 never served: it is failed'],
    ['running', { toRevision: 5 }, 'no-such-revision: acme: revision 5 is what runs now'],
    [
      'of another version than was asked for',
      { toRevision: 2, to: '1.2.1' },
      'revision-version: acme: revision 2 declares registry.example.com/shop/app:1.2.2, and not version 1.2.1',
    ],
  ])('is refused when it is %s', (_, request, reason) => {
    expect(pointsOf(planned(request))).toEqual([reason]);
  });

  it('keeps nobody from saying that there are no revisions', () => {
    const result = planned({ toRevision: 1 }, { revisions: [] });
    expect('refused' in result && result.refused[0]?.remedy).toContain('keeps no revisions');
  });
});
