import { expect, test } from 'vitest';
import { parseServiceName, ServiceNames } from './service-names.ts';

const services = '/api/v1/namespaces/shop/services';
const slices = '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices';
const answers: Readonly<Record<string, unknown>> = {
  [`${services}/web`]: { spec: { clusterIP: '10.96.0.7' } },
  [`${services}/db`]: { spec: { clusterIP: 'None' } },
  [`${slices}?labelSelector=kubernetes.io%2Fservice-name%3Ddb`]: {
    items: [
      {
        endpoints: [
          { addresses: ['10.244.0.5'], hostname: 'db-0', conditions: { ready: true } },
          { addresses: ['10.244.0.6'], hostname: 'db-1' },
          { addresses: ['10.244.0.7'], hostname: 'db-2', conditions: { ready: false } },
        ],
      },
      { endpoints: null },
    ],
  },
};

function read(path: string): Promise<string | undefined> {
  const answer = answers[path];
  return Promise.resolve(answer === undefined ? undefined : JSON.stringify(answer));
}

test.each([
  ['web.shop.svc.cluster.local', { service: 'web', namespace: 'shop' }],
  ['db-0.db.shop.svc.cluster.local', { hostname: 'db-0', service: 'db', namespace: 'shop' }],
  ['shop.svc.cluster.local', undefined],
  ['a.b.c.d.svc.cluster.local', undefined],
  ['web.shop.svc', undefined],
  ['we/b.shop.svc.cluster.local', undefined],
  ['registry.example', undefined],
])('%s asks for %j', (name, wanted) => {
  expect(parseServiceName(name)).toEqual(wanted);
});

test.each([
  ['web.shop', ['10.96.0.7']],
  ['db.shop', ['10.244.0.5', '10.244.0.6']],
  ['db-1.db.shop', ['10.244.0.6']],
])('%s leads to %j', async (name, addresses) => {
  const resolution = await new ServiceNames(read).resolve(`${name}.svc.cluster.local`);
  expect(resolution).toEqual({ is: 'known', addresses });
});

test.each(['other.shop', 'db-2.db.shop', 'web-0.web.shop'])('%s is unknown', async (name) => {
  const resolution = await new ServiceNames(read).resolve(`${name}.svc.cluster.local`);
  expect(resolution).toEqual({ is: 'unknown' });
});

test('while the API server is away, a name never seen fails', async () => {
  const names = new ServiceNames(() => Promise.reject(new Error('away')));
  expect(await names.resolve('web.shop.svc.cluster.local')).toEqual({ is: 'failed' });
});
