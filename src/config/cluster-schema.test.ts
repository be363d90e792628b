import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, messagesOf, refusalsOf } from './acme.fixture.ts';
import { loadDeployment } from './load-deployment.ts';

const HELM = `
name: acme
target:
  helm:
    release: acme
    namespace: shop
    chart: {path: ./chart}
    values: [values.yaml]
    set: {replicaCount: 3}
    components: {app: {image: registry.example.com:5000/shop/app}}
    neighbours: {db: {kind: StatefulSet, name: db}}
version: {http: "service://acme-app:3000/version"}
backup: {postgres: {url: {env: DB}, component: db, directory: backups}}
health: {url: "service://acme-app:http/health"}
`;

const KUBERNETES = `
name: acme
target:
  kubernetes:
    directory: ./site
    namespace: shop
    context: production
    components: {app: {image: shop/app, workloads: [Deployment/app]}}
version: {label: app.kubernetes.io/version}
backup: {skip: nothing is stored}
health: {url: "http://shop.example.com/health"}
`;

async function loaded(text: string) {
  const folder = await folderWith(text);
  return { folder, deployment: await loadDeployment([folder], 'acme') };
}

describe('a Helm release', () => {
  it('has sane defaults, and its records under its own name', async () => {
    const { folder, deployment } = await loaded(HELM);
    expect(deployment.target).toEqual({
      kind: 'helm',
      directory: folder,
      cluster: { namespace: 'shop' },
      neighbours: { db: { kind: 'StatefulSet', name: 'db' } },
      rollout: { maxRestarts: 2, graceMs: 120_000, progressMs: 600_000 },
      release: 'acme',
      chart: { from: 'path', path: join(folder, 'chart') },
      values: [join(folder, 'values.yaml')],
      set: { replicaCount: 3 },
      versionValues: { app: { 'image.tag': '{tag}' } },
      program: 'helm',
      timeoutMs: 600_000,
      hooksOnRollback: true,
    });
    expect(deployment.components).toEqual({
      app: { image: 'registry.example.com:5000/shop/app', tag: '{version}' },
    });
    expect(deployment.records.previous).toBe(join(folder, 'data/acme/.atlas-previous-version'));
    expect(deployment.logs).toBe(join(folder, '.belay/acme/logs'));
    expect(deployment.health.url).toBe('service://acme-app:http/health');
  });

  it('may come from a registry, with its version', async () => {
    const chart = `chart: {oci: "oci://registry.example.com/charts/shop", version: "{version}"}`;
    const { deployment } = await loaded(HELM.replace('chart: {path: ./chart}', chart));
    expect(deployment.target).toMatchObject({
      chart: { from: 'oci', url: 'oci://registry.example.com/charts/shop', version: '{version}' },
    });
  });

  it.each([
    [
      'a chart from two places',
      '{path: ./chart}',
      '{path: ./chart, oci: "oci://a/b"}',
      'FILE:7:5: target.helm.chart: expected exactly one of path, oci or repository',
    ],
    [
      'a remote chart without a version',
      '{path: ./chart}',
      '{oci: "oci://a/b"}',
      'FILE:7:5: target.helm.chart.version: is missing; expected the version of the chart',
    ],
    [
      'a value path with blanks',
      'set: {replicaCount: 3}',
      'set: {"a b": 3}',
      'FILE:9:11: target.helm.set.a b: expected the dotted path of a value, such as image.tag',
    ],
    [
      'a database that nobody knows',
      'component: db',
      'component: store',
      'FILE:13:37: backup.postgres.component: expected a component or a neighbour, found "store"',
    ],
    [
      'a namespace that is none',
      'namespace: shop',
      'namespace: Shop_1',
      'FILE:6:5: target.helm.namespace: expected the name of a namespace, found "Shop_1"',
    ],
  ])('with %s is refused', async (_, part, replacement, message) => {
    expect(HELM).toContain(part);
    expect((await messagesOf(HELM.replace(part, replacement)))[0]).toContain(message);
  });
});

describe('plain workloads', () => {
  it('are named or found', async () => {
    const { folder, deployment } = await loaded(KUBERNETES);
    expect(deployment.target).toMatchObject({
      kind: 'kubernetes',
      directory: join(folder, 'site'),
      cluster: { namespace: 'shop', context: 'production' },
      workloads: { app: ['Deployment/app'] },
    });
  });

  it('of another kind are refused', async () => {
    const [refusal] = await refusalsOf(KUBERNETES.replace('Deployment/app', 'Job/app'));
    expect(refusal?.message).toContain('Deployment/NAME, StatefulSet/NAME or DaemonSet/NAME');
  });
});

it('a URL into a cluster is refused where there is none', async () => {
  const compose = `
name: acme
target: {compose: {directory: ., components: {app: {image: shop/app}}}}
version: {file: /v}
backup: {skip: nothing}
health: {url: "service://app/health"}
`;
  expect(await messagesOf(compose)).toEqual([
    'FILE:6:10: health.url: service://app/health leads into a cluster, and this target is none',
  ]);
});
