import { describe, expect, it } from 'vitest';
import { facts } from './acme.fixture.ts';
import { planUpgrade } from './plan-upgrade.ts';

const sha256 = (text: string) => `digest of ${text.length}`;
const volume = {
  name: 'remove:PersistentVolumeClaim/data',
  message: 'PersistentVolumeClaim/data would be removed with what is in it',
  remedy: 'Keep it by the policy of the chart',
};
const drift = { name: 'drift:Deployment/web', message: 'it was edited', remedy: 'Put it back' };

const planned = (accept?: readonly string[]) =>
  planUpgrade(
    {
      ...facts,
      observed: { ...facts.observed!, hazards: [drift] },
      hazards: [volume],
      previewNotes: ['Deployment/web restarts'],
      request: { ...facts.request, ...(accept && { accept }) },
    },
    sha256,
  );

describe('dangers that the target names', () => {
  it('are refused, each by its name', () => {
    const result = planned();
    expect('refused' in result && result.refused).toEqual([
      {
        code: 'hazard:drift',
        message: 'acme: it was edited',
        remedy: 'Put it back; or accept it with --accept drift:Deployment/web',
      },
      {
        code: 'hazard:remove',
        message: 'acme: PersistentVolumeClaim/data would be removed with what is in it',
        remedy:
          'Keep it by the policy of the chart; or accept it with --accept remove:PersistentVolumeClaim/data',
      },
    ]);
  });

  it('are noted in the plan once all are accepted', () => {
    const result = planned([drift.name, volume.name]);
    expect('plan' in result && result.plan.notes).toEqual(
      expect.arrayContaining([
        'accepted (drift:Deployment/web): it was edited',
        'accepted (remove:PersistentVolumeClaim/data): PersistentVolumeClaim/data would be removed with what is in it',
        'Deployment/web restarts',
      ]),
    );
  });

  it('need every one accepted', () => {
    const result = planned([drift.name]);
    expect('refused' in result && result.refused.map(({ code }) => code)).toEqual([
      'hazard:remove',
    ]);
  });

  it('say when an acceptance names nothing', () => {
    const result = planned([drift.name, volume.name, 'drift:Deployment/wep']);
    expect('plan' in result && result.plan.notes).toContain(
      '"drift:Deployment/wep" was accepted, and there is nothing of that name',
    );
  });
});
