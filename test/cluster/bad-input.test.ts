/** Bad input on a cluster: a clear message with its remedy, and nothing changed. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import type { ClusterSite } from '../../scripts/stack/cluster-site.ts';
import { kubectl } from '../stack/cluster.ts';
import { expectServing, revisions, startSite } from './site.ts';

const NAME = 'kbadin';
let site: ClusterSite;
let deploymentText: string;
let valuesText: string;
let before: unknown;
beforeAll(async () => {
  site = await startSite(NAME, { settings: { patience: '4s' } });
  deploymentText = await readFile(site.example.deploymentFile, 'utf8');
  valuesText = await readFile(site.example.valuesFile, 'utf8');
  before = await revisions(site);
});
afterAll(() => site.stop());
afterEach(async () => {
  await writeFile(site.example.deploymentFile, deploymentText);
  await writeFile(site.example.valuesFile, valuesText);
});

/** Changes settings of the deployment file by path. */
async function settings(changes: Record<string, unknown>): Promise<void> {
  const document = parseDocument(deploymentText);
  for (const [path, value] of Object.entries(changes)) document.setIn(path.split('.'), value);
  await writeFile(site.example.deploymentFile, document.toString());
}

/** Runs an upgrade that must be refused, say `messages`, and change nothing. */
async function expectRefusal(...messages: RegExp[]): Promise<void> {
  const { code, stdout, stderr } = await site.belay(['upgrade', NAME, '--to', '1.3.0']);
  const said = stdout + stderr;
  for (const message of messages) expect(said).toMatch(message);
  expect(code, said).toBe(5);
  expect(said, 'a remedy is named').toContain('→');
  expect(await revisions(site)).toEqual(before);
  await expectServing(site, '1.2.2');
}

it.each([
  ['no such release', { 'target.helm.release': 'nobody' }, [/nobody/]],
  ['no such namespace', { 'target.helm.namespace': 'nowhere' }, [/no namespace nowhere/]],
  ['no such context', { 'target.helm.context': 'mars' }, [/no context "mars"/, /there are: /]],
  ['no such kubeconfig', { 'target.helm.kubeconfig': '/nowhere/config' }, [/\/nowhere\/config/]],
  ['no helm', { 'target.helm.program': 'helm-nowhere' }, [/helm-nowhere/]],
  ['no chart', { 'target.helm.chart': { path: './nothing' } }, [/nothing does not exist/]],
  [
    'an image that nothing runs',
    { 'target.helm.components': { web: { image: 'example.com/other' } } },
    [/example\.com\/other/, /atlasai\/tenant-plane/],
  ],
  [
    'a version that the chart ignores',
    {
      'target.helm.components.tenant-plane.values': { 'settings.VERSION': '{tag}' },
      'target.helm.set': { replicaCount: 3, 'image.tag': '1.2.2' },
    },
    [/nothing in the chart reads settings\.VERSION/],
  ],
  ['a missing values file', { 'target.helm.values': ['gone.yaml'] }, [/gone\.yaml/]],
])('%s', async (_, changes, messages) => {
  await settings(changes);
  await expectRefusal(...messages);
});

it('values that the chart’s schema forbids', async () => {
  await writeFile(site.example.valuesFile, `${valuesText}\nreplicaCount: many\n`);
  await settings({ 'target.helm.set': {} });
  await expectRefusal(/schema/, /replicaCount/);
});

it('a kubeconfig that has expired', async () => {
  const { namespace, directory } = site.example;
  const text = await kubectl(namespace, 'config', 'view', '--raw', '-o', 'json');
  const config = JSON.parse(text) as { users: { user: unknown }[] };
  for (const user of config.users) user.user = { token: 'long.gone.token' };
  const file = join(directory, 'old.kubeconfig');
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  await settings({ 'target.helm.kubeconfig': file });
  await expectRefusal(/does not know who asks|provide credentials/, /expired/);
  await rm(file);
});

it('a cluster that can’t be reached, after its patience', async () => {
  const { namespace, directory } = site.example;
  const text = await kubectl(namespace, 'config', 'view', '--raw', '-o', 'json');
  const config = JSON.parse(text) as { clusters: { cluster: { server: string } }[] };
  for (const { cluster } of config.clusters) cluster.server = 'https://127.0.0.1:1';
  const file = join(directory, 'dead.kubeconfig');
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  await settings({ 'target.helm.kubeconfig': file });
  await expectRefusal(/can’t be asked/);
  await rm(file);
});
