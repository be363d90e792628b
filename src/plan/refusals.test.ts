import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  breaking,
  claim,
  declaring,
  deployed,
  facts,
  image,
  observed,
  release,
} from './acme.fixture.ts';
import type { PlanFacts } from './facts.ts';
import { planUpgrade } from './plan-upgrade.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function refusals(changed: PlanFacts) {
  const result = planUpgrade(changed, sha256);
  return 'refused' in result ? result.refused : [];
}

const without = (...names: (keyof PlanFacts)[]): PlanFacts =>
  Object.fromEntries(
    Object.entries(facts).filter(([name]) => !names.includes(name as keyof PlanFacts)),
  ) as unknown as PlanFacts;

const RANGE = { release: release({ from: '>=1.3.0-rc <2' }) };
const old = { ...observed, tools: { docker: '19.03.5', plugin: '2.19.1' } };
const drifted = {
  ...observed,
  components: { app: { ...observed.components['app']!, drift: 'its label has another hash' } },
};

describe('an upgrade is refused', () => {
  it.each<[string, PlanFacts, [string, string][]]>([
    [
      'when it is there already',
      declaring('registry.example.com/shop/app:1.3.0'),
      [
        ['already-there', 'another image is offered'],
        ['version-mismatch', 'reports version 1.2.2, but its files declare 1.3.0'],
      ],
    ],
    [
      'when nothing is to do',
      {
        ...facts,
        request: { ...facts.request, to: 'v1.2.2' },
        available: { app: { ...image, imageId: 'sha256:old' } },
      },
      [['already-there', 'it runs 1.2.2 already']],
    ],
    [
      'as a downgrade',
      { ...facts, request: { ...facts.request, to: '1.2.1' } },
      [['downgrade', '1.2.1 is older than 1.2.2']],
    ],
    [
      'as a downgrade to a pre-release',
      { ...facts, request: { ...facts.request, to: '1.2.2-rc.1' } },
      [['downgrade', 'is older']],
    ],
    [
      'out of range',
      { ...facts, ...RANGE },
      [['release-from', '">=1.3.0-rc <2" only, and 1.2.2 runs now']],
    ],
    [
      'without a version',
      { ...facts, request: { deployment: 'acme' } },
      [['bad-input', 'names no version']],
    ],
    [
      'to a version that is none',
      { ...facts, request: { ...facts.request, to: '../1.3.0' } },
      [['bad-version', '"../1.3.0"']],
    ],
    [
      'when another version runs',
      { ...facts, runningVersion: '1.2.1' },
      [['version-mismatch', 'reports version 1.2.1, but its files declare 1.2.2']],
    ],
    [
      'when the version can not be read',
      { ...without('runningVersion'), versionUnreadable: 'cat exited 1' },
      [['version-unreadable', 'cat exited 1']],
    ],
    ['on drift', { ...facts, observed: drifted }, [['drift', 'its label has another hash']]],
    [
      'when it is sick',
      { ...facts, healthBefore: { ok: false, why: 'answers 503' } },
      [['unhealthy-before', 'answers 503']],
    ],
    [
      'without room for images',
      { ...facts, disk: { images: { freeBytes: 11_999_999 } } },
      [['disk-images', 'need about 12.0 MB (4.0 MB compressed), but only 12.0 MB are free']],
    ],
    [
      'without room for the backup',
      { ...facts, disk: { backup: { directory: '/b', freeBytes: 11_000_000 } } },
      [['disk-backup', 'up to 12.0 MB, but only 11.0 MB are free in /b']],
    ],
    [
      'without an image to go back to',
      { ...facts, fromPins: { app: { reference: 'x', imageId: '' } } },
      [['from-image-unknown', 'no way back']],
    ],
    [
      'when nothing would change',
      { ...facts, changes: [] },
      [['nothing-changes', 'would change nothing']],
    ],
    ['under a claim', { ...facts, claim }, [['claim', 'upgrade 1.2.1 → 1.2.2 of run run-7']]],
    [
      'for another plan',
      { ...facts, request: { ...facts.request, planDigest: 'other' } },
      [['plan-digest', 'not other as the request says']],
    ],
    [
      'by old tools',
      { ...facts, observed: old },
      [
        ['tool-too-old', 'docker 19.03.5'],
        ['tool-too-old', 'plugin 2.19.1'],
      ],
    ],
    [
      'when it would break the way back',
      { ...facts, release: breaking },
      [['point-of-no-return', '2017 (breaking)']],
    ],
    [
      'when it might break the way back',
      { ...facts, release: release({ migrations: [{ version: 2017, kind: 'unknown' }] }) },
      [['point-of-no-return', '2017 (unknown)']],
    ],
    [
      'when an image is missing',
      { ...facts, available: {} },
      [['image-not-found', 'shop/app:1.3.0 of app was not found']],
    ],
    [
      'for another platform',
      { ...facts, available: { app: { ...image, platform: 'linux/arm64' } } },
      [['image-platform', 'made for linux/arm64, but the engine runs linux/amd64']],
    ],
    [
      'with another digest than published',
      { ...facts, release: release({ digests: { app: 'sha256:x' } }) },
      [['image-digest', 'has the digest sha256:d-new, but its release file says sha256:x']],
    ],
    [
      'without the component',
      { ...facts, observed: { ...observed, components: {} } },
      [['component-missing', 'no component "app"']],
    ],
    [
      'with another repository',
      declaring('registry.example.com/shop/other:1.2.2'),
      [['other-repository', 'its repository is registry.example.com/shop/app']],
    ],
    [
      'with a tag of another form',
      {
        ...declaring('registry.example.com/shop/app:v1.2.2'),
        deployment: deployed({
          components: { app: { image: 'registry.example.com/shop/app', tag: '{version}-x' } },
        }),
      },
      [['tag-without-version', "can't be read from"]],
    ],
    [
      'when a probe has nothing to say',
      without('healthBefore', 'available', 'database', 'fromPins'),
      [
        [
          'not-observed',
          'its health, its database, the images of the wanted version, the images that run now',
        ],
      ],
    ],
    [
      'when nothing was observed',
      without('observed'),
      [['not-observed', 'what runs could not be observed']],
    ],
  ])('%s', (_, changed, expected) => {
    const found = refusals(changed);
    expect(found.map(({ code }) => code)).toEqual(expected.map(([code]) => code));
    for (const [at, [, text]] of expected.entries()) {
      expect(found[at]!.message).toContain('acme: ');
      expect(found[at]!.message).toContain(text);
      expect(found[at]!.remedy).not.toBe('');
    }
  });

  it('names the command that goes back', () => {
    const [refusal] = refusals({ ...facts, request: { ...facts.request, to: '1.2.1' } });
    expect(refusal!.remedy).toContain('belay rollback acme --to 1.2.1');
  });

  it('for no platform where that of the engine is not known', () => {
    const available = { app: { ...image, platform: 'linux/arm64' } };
    expect(refusals({ ...facts, available, observed: { ...observed, platform: '' } })).toEqual([]);
  });

  it('for all reasons at once, those of the probes first, none twice', () => {
    const probe = {
      code: 'backup-directory-missing',
      message: 'acme: /var/backups',
      remedy: 'mkdir',
    };
    const found = refusals({
      ...without('available', 'database'),
      observed: { ...drifted, tools: old.tools },
      healthBefore: { ok: false, why: 'answers 503' },
      disk: { backup: { directory: '/b', needBytes: 2, freeBytes: 1 } },
      release: breaking,
      runningVersion: '9',
      claim,
      probeRefusals: [probe, probe],
    });
    expect(found.map(({ code }) => code)).toEqual([
      'backup-directory-missing',
      'claim',
      'tool-too-old',
      'tool-too-old',
      'drift',
      'version-mismatch',
      'unhealthy-before',
      'disk-backup',
      'point-of-no-return',
    ]);
  });
});
