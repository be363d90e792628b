import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { deploymentText, placesOf } from './prepare-cluster.ts';

const base = { folder: '/srv/app', name: 'initech', kubeconfig: '/etc/kube' } as const;

async function written(
  options: Partial<Parameters<typeof deploymentText>[2] & { context: string; namespace: string }>,
): Promise<unknown> {
  const template = await readFile(new URL('kubernetes/globex.yaml', import.meta.url), 'utf8');
  return parse(deploymentText(template, placesOf({ ...base, ...options }), options));
}

it('fits the deployment file to the installation', async () => {
  expect(await written({})).toMatchObject({
    name: 'initech',
    site: 'local',
    target: {
      helm: {
        release: 'initech',
        namespace: 'initech',
        directory: '/srv/app',
        kubeconfig: '/etc/kube',
        chart: { path: './chart' },
        components: { 'tenant-plane': { image: '127.0.0.1:5000/atlasai/tenant-plane' } },
      },
    },
    version: { http: 'service://initech-tenant-plane:3000/api/health' },
    releases: '/srv/app/releases',
    health: { url: 'service://initech-tenant-plane:3000/api/health' },
  });
  expect(JSON.stringify(await written({}))).not.toMatch(/context|program/);
});

it('names cluster, registry and program where they are not the usual ones', async () => {
  const options = {
    context: 'prod',
    namespace: 'apps',
    helm: '/opt/helm4',
    registry: 'registry.example:5000',
    settings: { 'health.timeout': '20s' },
  };
  expect(await written(options)).toMatchObject({
    target: {
      helm: {
        namespace: 'apps',
        context: 'prod',
        program: '/opt/helm4',
        components: { 'tenant-plane': { image: 'registry.example:5000/atlasai/tenant-plane' } },
      },
    },
    health: { timeout: '20s' },
  });
});
