import { describe, expect, it } from 'vitest';
import { BelayError } from '../domain/errors.ts';
import { parseHistoryLine } from '../domain/record.ts';
import { isUntold, recordedImages, witnessesOf } from './recorded-images.ts';

const history = [
  '20260301T100000 1.2.1 -> 1.2.2 SUCCESS log:/l/upgrade-1.log',
  '20260302T100000 1.2.2 -> 1.3.0 ROLLEDBACK log:/l/upgrade-2.log',
  '20260303T100000 1.2.2 -> 1.3.0 KEPT log:/l/upgrade-3.log',
  '20260304T100000 ROLLBACK 1.3.0 -> 1.2.2 log:/l/rollback-4.log',
].map((line) => parseHistoryLine(line)!);

describe('who saw a version run', () => {
  it('is told newest first, by what was left and by what was proven', () => {
    expect(witnessesOf('1.2.2', history)).toEqual([
      { stamp: '20260304T100000', file: '/l/rollback-4.history.json' },
      { stamp: '20260303T100000', file: '/l/upgrade-3.history.json' },
      { stamp: '20260302T100000', file: '/l/upgrade-2.history.json' },
      { stamp: '20260301T100000', file: '/l/upgrade-1.history.json' },
    ]);
    expect(witnessesOf('1.3.0', history).map(({ stamp }) => stamp)).toEqual(['20260304T100000']);
    expect(witnessesOf('1.4.0', history)).toEqual([]);
  });
});

const pin = (tag: string, imageId = `sha256:${tag}`) => ({ reference: `shop/app:${tag}`, imageId });
const wanted = { app: { reference: 'shop/app:1.2.2', digest: 'sha256:published' } };

/** As Temporal writes it: what activities were given lies in base64. */
function told(...inputs: readonly unknown[]): string {
  const scheduled = inputs.map((input) => ({
    activityTaskScheduledEventAttributes: {
      input: { payloads: [{ data: Buffer.from(JSON.stringify(input)).toString('base64') }] },
    },
  }));
  return JSON.stringify({ events: [{ workflowTaskStartedEventAttributes: {} }, ...scheduled] });
}

const plan = {
  fromVersion: '1.2.2',
  toVersion: '1.3.0',
  fromPins: { app: { ...pin('1.2.2'), digest: 'sha256:d' } },
  toPins: { app: pin('1.3.0') },
};
const images = (text: string, asked = wanted, version = '1.2.2') =>
  recordedImages(text, asked, version, 'linux/amd64');

describe('the images of a record', () => {
  it('are those of the plan, on the side of the version, without a digest', () => {
    const available = { platform: 'linux/amd64', transferBytes: 0, present: false };
    const left = { app: { ...pin('1.2.2'), ...available } };
    expect(images(told({ name: 'shop' }, { deployment: {}, plan }))).toEqual(left);
    const back = { ...plan, fromVersion: '1.3.0', toVersion: '1.2.2' };
    const turned = { ...back, fromPins: plan.toPins, toPins: plan.fromPins };
    expect(images(told({ plan: turned }))).toEqual(left);
  });

  it.each([
    ['of another version', told({ plan }), wanted, '1.2.1'],
    ['of another repository', told({ plan }), { app: { reference: 'store/app:1.2.2' } }, '1.2.2'],
    [
      'that has not all components',
      told({ plan }),
      { ...wanted, worker: { reference: 'shop/worker:1.2.2' } },
      '1.2.2',
    ],
    [
      'without an identity',
      told({ plan: { ...plan, fromPins: { app: pin('1.2.2', '') } } }),
      wanted,
      '1.2.2',
    ],
    ['without a plan', told({ name: 'shop' }, 'text', null), wanted, '1.2.2'],
    ['that is no history', '{"events":{}}', wanted, '1.2.2'],
    ['that is no JSON', '', wanted, '1.2.2'],
  ])('are not taken from one %s', (_, text, asked, version) => {
    expect(recordedImages(text, asked, version, 'linux/amd64')).toBeUndefined();
  });

  it('are asked for where no registry tells, and not where one says no', () => {
    const of = (...codes: string[]) =>
      new BelayError(
        'request',
        codes.map((code) => ({ code, message: '', remedy: '' })),
      );
    expect(isUntold(of('registry-unreachable'))).toBe(true);
    expect(isUntold(of('bundle-needed', 'bundle-needed'))).toBe(true);
    expect(isUntold(of('bundle-needed', 'image-platform'))).toBe(false);
    expect(isUntold(of('image-not-found'))).toBe(false);
    expect(isUntold(new Error('registry-unreachable'))).toBe(false);
  });
});
