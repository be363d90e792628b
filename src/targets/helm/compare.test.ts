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
  compareManifests(parseManifest(before.join('---\n')), parseManifest(after.join('---\n')));

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
