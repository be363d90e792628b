import { describe, expect, it } from 'vitest';
import { compareManifests } from './compare.ts';
import { parseManifest } from './objects.ts';
import { steady } from './volatile.ts';

const deployment = (tag: string, selector = 'web') => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: ${selector}}}
  template: {spec: {containers: [{name: web, image: "web:${tag}"}]}}
`;
const secret = (value: string) => `apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {password: ${value}, same: kept-as-it-is}
`;
const claim = (policy: string) => `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, annotations: {helm.sh/resource-policy: ${policy}}}
spec: {accessModes: [ReadWriteOnce]}
`;

const compare = (before: readonly string[], after: readonly string[]) =>
  compareManifests(parseManifest(before.join('---\n')), parseManifest(after.join('---\n')), 'shop');

describe('two manifests', () => {
  it('show what changes, and what restarts', () => {
    const { changes, notes, hazards, refused } = compare([deployment('1')], [deployment('2')]);
    expect(changes).toEqual([
      {
        kind: 'edit',
        file: 'Deployment/web',
        diff: expect.stringMatching(/-.*web:1\n\+.*web:2/) as unknown,
      },
    ]);
    expect(notes).toEqual(['Deployment/web restarts its pods']);
    expect([...hazards, ...refused]).toEqual([]);
  });

  it('show that a secret changes, and not how', () => {
    const { changes, notes } = compare([secret('old-and-secret')], [secret('new-and-secret')]);
    expect(notes).toEqual(['Secret/web changes its values']);
    expect(JSON.stringify(changes)).toContain('another value');
    expect(JSON.stringify(changes)).not.toMatch(/and-secret|kept-as-it-is/);
  });

  it('name a volume claim that goes, unless it is kept', () => {
    expect(compare([claim('none')], []).hazards.map(({ name }) => name)).toEqual([
      'remove:PersistentVolumeClaim/data',
    ]);
    expect(compare([claim('keep')], []).hazards).toEqual([]);
    expect(compare([deployment('1')], []).hazards).toEqual([]);
  });

  it('refuse a field that nobody may change', () => {
    const { refused } = compare([deployment('1')], [deployment('1', 'other')]);
    expect(refused.map(({ message }) => message)).toEqual([
      'Deployment/web: spec.selector would change, which a cluster lets nobody do',
    ]);
  });

  it('are the same in whatever order their keys stand', () => {
    const turned = deployment('1').replace(
      '{name: web, image: "web:1"}',
      '{image: "web:1", name: web}',
    );
    expect(compare([deployment('1')], [turned]).changes).toEqual([]);
  });
});

const set = (spec: string) => `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec: {serviceName: db, ${spec}}
`;
const job = (image: string) => `apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {template: {spec: {containers: [{name: once, image: "${image}"}]}}}
`;
const fixed = (value: string) => `apiVersion: v1
kind: ConfigMap
metadata: {name: fixed}
immutable: true
data: {word: ${value}}
`;

describe('what a cluster lets nobody change', () => {
  it.each([
    ['a Job’s template', job('a:1'), job('a:2'), 'Job/once: spec.template'],
    [
      'a StatefulSet’s volumes',
      set('volumeClaimTemplates: [{metadata: {name: a}}]'),
      set('volumeClaimTemplates: [{metadata: {name: b}}]'),
      'StatefulSet/db: spec.volumeClaimTemplates',
    ],
    [
      'its first volume',
      set('replicas: 1'),
      set('volumeClaimTemplates: [{metadata: {name: a}}]'),
      'StatefulSet/db: spec.volumeClaimTemplates',
    ],
    [
      'its service',
      set('replicas: 1'),
      set('replicas: 1').replace('serviceName: db', 'serviceName: other'),
      'StatefulSet/db: spec.serviceName',
    ],
    ['an immutable ConfigMap', fixed('a'), fixed('b'), 'ConfigMap/fixed: data'],
    ['nothing where nothing is', set('volumeClaimTemplates: []'), set('replicas: 1'), undefined],
    ['a StatefulSet’s replicas', set('replicas: 1'), set('replicas: 2'), undefined],
    [
      'the order of its keys',
      set('selector: {matchLabels: {a: "1", b: "2"}}'),
      set('selector: {matchLabels: {b: "2", a: "1"}}'),
      undefined,
    ],
  ])('%s', (_, before, after, expected) => {
    const { refused } = compare([before], [after]);
    expect(refused.map(({ message }) => message)).toEqual(
      expected === undefined ? [] : [`${expected} would change, which a cluster lets nobody do`],
    );
  });
});

describe('a plan', () => {
  it('tells what a way back would remove', () => {
    expect(compare([], [claim('none')]).notes).toEqual([
      'PersistentVolumeClaim/data is added; a way back removes it, with all that is in it by then',
    ]);
    expect(compare([], [deployment('1')]).notes).toEqual(['Deployment/web is added']);
  });

  it('takes an object for the same when its namespace is written out', () => {
    const written = claim('none').replace('name: data', 'name: data, namespace: shop');
    expect(compare([claim('none')], [written]).hazards).toEqual([]);
    const elsewhere = claim('none').replace('name: data', 'name: data, namespace: other');
    expect(compare([claim('none')], [elsewhere]).hazards).toHaveLength(1);
  });
});

describe('two renderings of the same', () => {
  it('are made one, and what differs by chance is named', () => {
    const { objects, volatile } = steady(
      parseManifest(secret('abc')),
      parseManifest(secret('xyz')),
    );
    expect(volatile).toEqual(['Secret/web: stringData.password']);
    expect(JSON.stringify(objects)).not.toMatch(/abc|xyz/);
    expect(JSON.stringify(objects)).toContain('kept-as-it-is');
  });
});
