import { describe, expect, test } from 'vitest';
import { findMendings } from './container-names.ts';
import type { ServiceContainer } from './containers.ts';

function container(name: string, number = '1'): ServiceContainer {
  return {
    id: name,
    name,
    number,
    service: 'web',
    state: 'created',
    imageId: 'sha256:0',
    reference: 'a:1',
    restarts: 0,
    createdAt: '',
    configHash: undefined,
    composeVersion: undefined,
    unstartable: false,
  };
}

describe('findMendings', () => {
  test('the replacement goes while the old one is there', () =>
    expect(
      findMendings({}, [container('p-web-1'), container('00e99e8ae075_p-web-1')]),
    ).toMatchObject([{ remove: { name: '00e99e8ae075_p-web-1' } }]));

  test('the replacement takes the name of the one that is gone', () =>
    expect(findMendings({}, [container('00e99e8ae075_p-web-1')])).toMatchObject([
      { rename: { name: '00e99e8ae075_p-web-1' }, to: 'p-web-1' },
    ]));

  test('of two replacements one takes the name', () =>
    expect(
      findMendings({}, [container('00e99e8ae075_p-web-1'), container('10e99e8ae075_p-web-1')]),
    ).toMatchObject([{ to: 'p-web-1' }, { remove: { name: '10e99e8ae075_p-web-1' } }]));

  test('each of several replicas by its number', () =>
    expect(
      findMendings({}, [container('p-web-1'), container('00e99e8ae075_p-web-2', '2')]),
    ).toMatchObject([{ to: 'p-web-2' }]));

  test('container_name is the proper name', () =>
    expect(
      findMendings({ container_name: 'shop' }, [container('00e99e8ae075_shop')]),
    ).toMatchObject([{ to: 'shop' }]));

  test('names that people gave are left alone', () =>
    expect(findMendings({}, [container('mine'), container('p-web-1')])).toEqual([]));
});
