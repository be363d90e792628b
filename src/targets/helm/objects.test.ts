import { describe, expect, it } from 'vitest';
import { keyOf, maskedObject, parseManifest } from './objects.ts';

const named = (text: string) => parseManifest(text).map(({ kind, name }) => `${kind}/${name}`);

describe('the objects of a manifest', () => {
  it('are all there, empty documents and comments left out', () => {
    const text = `---
# Source: web/templates/empty.yaml
---
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
---
null
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
`;
    expect(named(text)).toEqual(['ConfigMap/a', 'ConfigMap/b']);
  });

  it('are taken out of lists, also out of lists in lists', () => {
    const text = `apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Secret, metadata: {name: a}}
  - apiVersion: v1
    kind: ConfigMapList
    items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}]
`;
    expect(named(text)).toEqual(['Secret/a', 'ConfigMap/b']);
  });

  it('are read as helm reads them: dates and times stay texts, yes is true', () => {
    const [object] = parseManifest(`apiVersion: v1
kind: ConfigMap
metadata: {name: a, annotations: {at: 2026-01-01, ports: 12:30}}
data: {at: 2026-01-01T00:00:00Z, on: yes, mode: 0644}
`);
    expect(object?.annotations).toEqual({ at: '2026-01-01', ports: '12:30' });
    expect(object?.object['data']).toEqual({ at: '2026-01-01T00:00:00Z', true: true, mode: 420 });
  });

  it.each([
    ['broken', 'apiVersion: v1\nkind: {ConfigMap\nmetadata: {name: a}\n'],
    ['a text', 'just text\n'],
    ['without a name', 'apiVersion: v1\nkind: Secret\nmetadata: {}\ndata: {a: hunter22}\n'],
  ])('are never left out silently: %s', (_, text) => {
    const parse = () => parseManifest(text);
    expect(parse).toThrow('no Kubernetes object');
    expect(parse).not.toThrow('hunter22');
  });

  it('are the same in another version of their API, and in the release’s namespace by name', () => {
    const [a, b, c] = parseManifest(`apiVersion: apps/v1beta1
kind: Deployment
metadata: {name: web}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
---
apiVersion: extensions/v1
kind: Deployment
metadata: {name: web}
`);
    expect(keyOf(a!, 'shop')).toBe(keyOf(b!, 'shop'));
    expect(keyOf(a!, 'other')).not.toBe(keyOf(b!, 'other'));
    expect(keyOf(a!, 'shop')).not.toBe(keyOf(c!, 'shop'));
  });
});

describe('masking', () => {
  const deployment = (password: string) =>
    parseManifest(`apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers: [{name: init, env: [{name: API_TOKEN, value: init-${password}}]}]
      containers:
        - name: web
          env:
            - {name: DB_PASSWORD, value: ${password}}
            - {name: LOG_LEVEL, value: debug}
            - {name: OTHER_SECRET, valueFrom: {secretKeyRef: {name: web, key: a}}}
`)[0]!;

  it('leaves variables with a secret’s name out, says that they changed, and keeps the others', () => {
    const [before, after] = [deployment('hunter22'), deployment('hunter33')];
    const was = JSON.stringify(maskedObject(before));
    const is = JSON.stringify(maskedObject(after, before));
    expect(was + is).not.toMatch(/hunter/);
    expect(was).not.toContain('another value');
    expect(is.match(/another value/g)).toHaveLength(2);
    expect(is).toContain('debug');
    expect(is).toContain('secretKeyRef');
    expect(JSON.stringify(maskedObject(before, before))).toBe(was);
  });
});
