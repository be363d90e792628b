import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { declaring, deployed, facts, observed, release } from './acme.fixture.ts';
import { compareVersions, isInRange } from './compare-versions.ts';
import type { PlanFacts } from './facts.ts';
import { planUpgrade } from './plan-upgrade.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

it.each([
  ['1.2.2', '1.3.0', -1],
  ['1.10.0', '1.9.9', 1],
  ['v1.2.2', '1.2.2', 0],
  ['1.3.0-rc.1', '1.3.0', -1],
  ['latest', 'latest', 0],
  ['latest', '1.3.0', undefined],
  ['2026-03-26', '2026-03-27', undefined],
])('%s against %s is %s', (a, b, order) => expect(compareVersions(a, b)).toBe(order));

it.each([
  ['1.2.2', '>=1.2.0', true],
  ['1.2.2-rc.1', '>=1.2.0', true],
  ['1.1.9', '>=1.2.0', false],
  ['2.0.0', '^1.2', false],
  ['latest', '>=1.2.0', undefined],
])('%s in %s: %s', (version, range, inside) => expect(isInRange(version, range)).toBe(inside));

describe('versions that are not semantic', () => {
  const plan = (from: string, to: string, range?: string) => {
    const { from: _, ...open } = release({ version: to });
    const changed: PlanFacts = {
      ...declaring(`registry.example.com/shop/app:${from}`),
      runningVersion: from,
      request: { ...facts.request, to },
      release: range === undefined ? open : { ...open, from: range },
    };
    return planUpgrade(changed, sha256);
  };

  it('are upgraded with a note', () => {
    expect(plan('spring', 'summer')).toMatchObject({
      plan: {
        notes: ['spring and summer are not both semantic versions: which is newer is not known'],
      },
    });
  });

  it('are not in any range', () => {
    expect(plan('spring', 'summer', '>=1.0.0')).toMatchObject({
      refused: [{ code: 'release-from' }],
    });
  });

  it('are still told apart', () => {
    expect(plan('spring', 'spring')).toMatchObject({ refused: [{ code: 'already-there' }] });
  });
});

it('are one for all components', () => {
  const second = { image: 'shop/worker', tag: '{version}' };
  const result = planUpgrade(
    {
      ...facts,
      deployment: deployed({ components: { ...facts.deployment.components, worker: second } }),
      observed: {
        ...observed,
        components: {
          ...observed.components,
          worker: { declared: 'shop/worker:1.2.1', instances: [] },
        },
      },
    },
    sha256,
  );
  expect(result).toMatchObject({
    refused: [
      {
        code: 'mixed-versions',
        message:
          'acme: its components are declared in different versions (app 1.2.2, worker 1.2.1)',
      },
    ],
  });
});
