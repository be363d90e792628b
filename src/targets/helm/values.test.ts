import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { HelmSettings } from '../../domain/deployment.ts';
import { givenValues, undeclaredValues } from './values.ts';

const settings: HelmSettings = {
  kind: 'helm',
  directory: '/site',
  cluster: { namespace: 'shop' },
  neighbours: {},
  rollout: { maxRestarts: 2, graceMs: 1, progressMs: 1 },
  release: 'web',
  chart: { from: 'path', path: '/site/chart' },
  values: ['/site/a.yaml', '/site/b.yaml'],
  set: { replicaCount: 3, 'image.pullPolicy': 'Always', 'labels.a\\.b': 'x' },
  versionValues: {
    web: {
      'image.tag': '{tag}',
      'image.digest': '',
      'note.full': '{repository}@{digest}',
      'note.version': '{version}',
    },
  },
  program: 'helm',
  timeoutMs: 1,
  hooksOnRollback: true,
};
const components = { web: { image: 'r.example.com:5000/web', tag: 'v{version}' } };
const pins = {
  web: { reference: 'r.example.com:5000/web:v1.3.0', imageId: 'sha256:a', digest: 'sha256:d' },
};

describe('values of an upgrade', () => {
  it('come from the files, then from what belay sets, by stdin', () => {
    const { args, input } = givenValues(settings, components, pins);
    expect(args).toEqual([
      ...['--reset-values', '--values', '/site/a.yaml', '--values', '/site/b.yaml'],
      ...['--values', '-'],
    ]);
    expect(parse(input)).toEqual({
      replicaCount: 3,
      image: { pullPolicy: 'Always', tag: 'v1.3.0', digest: '' },
      labels: { 'a.b': 'x' },
      note: { full: 'r.example.com:5000/web@sha256:d', version: '1.3.0' },
    });
  });

  it('carry the tag alone, also of a reference with its digest, and no digest where none is known', () => {
    const { input } = givenValues({ ...settings, set: {} }, components, {
      web: { reference: 'r.example.com:5000/web:v1.2.2@sha256:abc', imageId: 'sha256:a' },
    });
    expect(parse(input)).toEqual({
      image: { tag: 'v1.2.2', digest: '' },
      note: { full: 'r.example.com:5000/web@', version: '1.2.2' },
    });
  });

  it('that a release has and nobody declares are named, their contents not', () => {
    const released = {
      replicaCount: 5,
      image: { tag: 'v1.2.2', repository: 'x' },
      extra: { password: 'hunter2' },
      list: [1],
      gone: null,
    };
    const refused = undeclaredValues(settings, released, [
      { image: { repository: 'y' } },
      { list: [] },
    ]);
    expect(refused.map(({ message }) => /value (\S+),/.exec(message)?.[1])).toEqual([
      'extra.password',
    ]);
    expect(JSON.stringify(refused)).not.toContain('hunter2');
  });
});
