import { describe, expect, it } from 'vitest';
import { lacking } from './definitions.ts';

const declared = { scope: 'Namespaced', versions: [{ name: 'v1', served: true, storage: true }] };

describe('a definition on the cluster', () => {
  it.each([
    ['the same', declared, declared, []],
    [
      'with what the cluster fills in',
      { ...declared, preserveUnknownFields: false, names: { shortNames: [] } },
      { ...declared, conversion: { strategy: 'None' }, names: { listKind: 'OddList' } },
      [],
    ],
    [
      'of another version',
      declared,
      { ...declared, versions: [{ name: 'v1', served: true, storage: false }] },
      ['spec.versions[0].storage'],
    ],
    [
      'with a version less',
      { ...declared, versions: [...declared.versions, { name: 'v2' }] },
      declared,
      ['spec.versions'],
    ],
    ['of another scope', declared, { ...declared, scope: 'Cluster' }, ['spec.scope']],
    [
      'in many ways: five are named',
      Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, 1])),
      {},
      ['spec.a', 'spec.b', 'spec.c', 'spec.d', 'spec.e'],
    ],
  ])('%s', (_, chart, live, expected) => {
    expect(lacking(chart, live, 'spec')).toEqual(expected);
  });
});
