/** The main job on a real cluster: the good version, and every way back that people choose. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import type { ClusterSite } from '../../scripts/stack/cluster-site.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { kubectl, programs } from '../stack/cluster.ts';
import { expectServing, json, outcome, revisions, startLoad, startSite } from './site.ts';

describe.each([
  ['helm 3', 'kgood', programs.helm3, 30_811],
  ['helm 4', 'kgood4', programs.helm4, 30_812],
])('1.2.2 → 1.3.0 with %s', (_, name, helm, nodePort) => {
  let site: ClusterSite;
  let url: string;
  beforeAll(async () => {
    // A node that is busy takes its time to send no more requests to a pod that goes.
    site = await startSite(name, { helm, nodePort, values: { drainSeconds: 6 } });
    const node = await kubectl(
      'default',
      ...['get', 'nodes', '--output'],
      'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}',
    );
    url = `http://${node}:${nodePort}/api/health`;
  });
  afterAll(() => site.stop());

  it('plans without changing anything', async () => {
    const before = await revisions(site);
    const { code, json: answer } = await json(site, ['plan', name, '--to', '1.3.0']);
    expect(code).toBe(0);
    const plan = (answer['plan'] ?? answer) as Plan;
    const workload = `Deployment/${name}-tenant-plane`;
    const edit = plan.changes.find((change) => change.kind === 'edit' && change.file === workload);
    expect(JSON.stringify(edit)).toMatch(/-.*tenant-plane:1\.2\.2.*\+.*tenant-plane:1\.3\.0/);
    expect(plan.notes).toContain(`${workload} restarts its pods`);
    expect(plan.fromPoint).toEqual({ revision: 1 });
    expect(await revisions(site)).toEqual(before);
    await expectServing(site, '1.2.2');
  });

  it('upgrades without one failed request', async () => {
    const load = startLoad(url);
    const ended = await outcome(site, ['upgrade', name, '--to', '1.3.0']);
    const { asked, failed } = await load.stop();
    expect(ended).toMatchObject({ code: 0, outcome: 'succeeded', serving: '1.3.0', proven: true });
    await expectServing(site, '1.3.0');
    expect(asked).toBeGreaterThan(100);
    expect(failed).toEqual([]);
    expect((await revisions(site)).at(-1)?.description).toMatch(/^belay upgrade 1\.2\.2 → 1\.3\.0/);
    expect(await readFile(site.example.previous, 'utf8')).toBe('1.2.2\n');
    expect(ended.backup?.proof).toBe('full-read');
    const file = ended.backup?.file ?? '';
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
  });

  it('refuses what someone changed beside it, until that is accepted by name', async () => {
    const { namespace } = site.example;
    const workload = `deployment/${name}-tenant-plane`;
    await kubectl(namespace, 'set', 'resources', workload, '--requests=cpu=51m');
    await kubectl(namespace, 'rollout', 'status', workload, '--timeout=90s');
    const refused = await outcome(site, ['upgrade', name, '--to', '1.4.0']);
    expect(refused.code).toBe(5);
    expect(refused.reasons.map(({ code }) => code)).toEqual(['hazard:drift']);
    expect(refused.reasons[0]?.remedy).toContain(`--accept drift:Deployment/${name}-tenant-plane`);
    const accepted = await outcome(site, [
      ...['upgrade', name, '--to', '1.4.0'],
      ...['--accept', `drift:Deployment/${name}-tenant-plane`],
    ]);
    expect(accepted).toMatchObject({ code: 0, serving: '1.4.0' });
    await expectServing(site, '1.4.0');
  });
});

describe('a change of the values with the version, and the ways back that people choose', () => {
  let site: ClusterSite;
  beforeAll(async () => {
    site = await startSite('kback', { version: '1.3.0' });
  });
  afterAll(() => site.stop());
  const setting = () =>
    kubectl(
      site.example.namespace,
      ...['get', 'configmap', 'kback-tenant-plane'],
      ...['--output', 'jsonpath={.data.NEW_SETTING}'],
    );

  it('takes changed values along, and brings the old ones back', async () => {
    const values = parseDocument(await readFile(site.example.valuesFile, 'utf8'));
    values.setIn(['settings', 'NEW_SETTING'], 'enabled');
    await writeFile(site.example.valuesFile, values.toString());
    expect(await outcome(site, ['upgrade', 'kback', '--to', '1.4.0'])).toMatchObject({ code: 0 });
    await expectServing(site, '1.4.0');
    expect(await setting()).toBe('enabled');
    expect(await outcome(site, ['rollback', 'kback'])).toMatchObject({
      code: 0,
      outcome: 'succeeded',
      serving: '1.3.0',
    });
    await expectServing(site, '1.3.0');
    expect(await setting()).toBe('');
    expect((await revisions(site)).at(-1)?.description).toBe('Rollback to 1');
  });

  it('goes back to a revision by its number, and only to one that served', async () => {
    const refused = await outcome(site, ['rollback', 'kback', '--to-revision', '77']);
    expect(refused).toMatchObject({ code: 5, outcome: 'refused' });
    expect(refused.reasons[0]?.message).toMatch(/revision 77 is not in its history/);
    expect(await outcome(site, ['upgrade', 'kback', '--to', '1.4.0'])).toMatchObject({ code: 0 });
    const ended = await outcome(site, ['rollback', 'kback', '--to-revision', '1']);
    expect(ended).toMatchObject({ code: 0, serving: '1.3.0' });
    await expectServing(site, '1.3.0');
    expect(await setting(), 'its values came back too').toBe('');
  });
});

describe('migrations by the chart’s hook', () => {
  it('run before the pods are replaced', async () => {
    const site = await startSite('khook', { values: { 'migrations.hook': true } });
    try {
      const ended = await outcome(site, ['upgrade', 'khook', '--to', '1.3.0']);
      expect(ended).toMatchObject({ code: 0, outcome: 'succeeded' });
      await expectServing(site, '1.3.0');
      const bad = await outcome(site, ['upgrade', 'khook', '--to', '1.4.0-badmigration']);
      expect(bad).toMatchObject({ code: 3, outcome: 'rolled-back', serving: '1.3.0' });
      await expectServing(site, '1.3.0');
    } finally {
      await site.stop();
    }
  });
});
