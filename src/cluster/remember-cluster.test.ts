import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rememberCluster } from './remember-cluster.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-kubeconfig-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (file: string, token: string) =>
  writeFile(
    file,
    JSON.stringify({
      clusters: [{ name: 'a', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'a', user: { token } }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      'current-context': 'a',
    }),
  );

it('takes a renewed kubeconfig up, and nothing else', async () => {
  const kubeconfig = join(folder, 'config');
  await write(kubeconfig, 'old');
  const cluster = rememberCluster({ namespace: 'shop', kubeconfig }, {});
  const first = cluster();
  expect(cluster()).toBe(first);
  await write(kubeconfig, 'renewed');
  expect(cluster().config.getCurrentUser()?.token).toBe('renewed');
  expect(cluster()).toBe(cluster());
});

it('tries again after a failure', async () => {
  const kubeconfig = join(folder, 'config');
  const cluster = rememberCluster({ namespace: 'shop' }, { KUBECONFIG: kubeconfig });
  expect(() => cluster()).toThrow(/does not exist/);
  await write(kubeconfig, 'there');
  expect(cluster().namespace).toBe('shop');
});
