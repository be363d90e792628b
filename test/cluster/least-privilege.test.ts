/** A site worker with exactly what `belay rbac` prints, and with one verb less. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import type { ClusterSite } from '../../scripts/stack/cluster-site.ts';
import { apply, kubectl } from '../stack/cluster.ts';
import { expectServing, outcome, startSite } from './site.ts';

const NAME = 'kleast';
let site: ClusterSite;
let rbac: string;
beforeAll(async () => {
  site = await startSite(NAME);
  const { code, stdout } = await site.belay(['rbac', NAME]);
  expect(code).toBe(0);
  rbac = stdout;
  await apply(site.example.namespace, rbac);
  await useAccount();
});
afterAll(() => site.stop());

/** Puts a kubeconfig with the account's own token in the deployment file's place for it. */
async function useAccount(): Promise<void> {
  const { namespace, kubeconfig, deploymentFile, directory } = site.example;
  const token = (await kubectl(namespace, 'create', 'token', 'belay')).trim();
  const config = JSON.parse(await kubectl(namespace, 'config', 'view', '--raw', '-o', 'json')) as {
    users: { name: string; user: unknown }[];
    contexts: { context: { user: string } }[];
  };
  config.users = [{ name: 'belay', user: { token } }];
  for (const { context } of config.contexts) context.user = 'belay';
  const own = join(directory, 'belay.kubeconfig');
  await writeFile(own, JSON.stringify(config), { mode: 0o600 });
  const text = await readFile(deploymentFile, 'utf8');
  await writeFile(deploymentFile, text.replace(kubeconfig, own));
}

it('is enough for an upgrade and its way back', async () => {
  expect(await outcome(site, ['upgrade', NAME, '--to', '1.3.0'])).toMatchObject({
    code: 0,
    outcome: 'succeeded',
  });
  await expectServing(site, '1.3.0');
  const back = await outcome(site, ['upgrade', NAME, '--to', '1.4.0-wrongversion']);
  expect(back).toMatchObject({ code: 3, outcome: 'rolled-back', proven: true });
  expect(back.evidence.length).toBeGreaterThan(4);
  await expectServing(site, '1.3.0');
});

it('names the verb that is missing, before anything changes', async () => {
  const documents = parseAllDocuments(rbac).map((document) => document.toJS() as Role);
  for (const { kind, rules = [] } of documents)
    if (kind === 'Role')
      for (const rule of rules)
        if (rule.resources.includes('deployments'))
          rule.verbs = rule.verbs.filter((verb) => verb !== 'patch');
  await apply(
    site.example.namespace,
    documents.map((document) => stringify(document)).join('---\n'),
  );
  const refused = await outcome(site, ['upgrade', NAME, '--to', '1.4.0']);
  expect(refused).toMatchObject({ code: 5, outcome: 'refused' });
  expect(refused.reasons.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/may not patch deployments of apps in namespace kleast/),
  );
  await expectServing(site, '1.3.0');
});

interface Role {
  readonly kind: string;
  readonly rules?: { resources: string[]; verbs: string[] }[];
}
