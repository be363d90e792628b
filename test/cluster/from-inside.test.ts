/** belay installed on the cluster by its own chart, upgrading the example beside it with no more than its Role. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterSite } from '../../scripts/stack/cluster-site.ts';
import { kubectl, newNamespace } from '../stack/cluster.ts';
import { until } from '../stack/until.ts';
import { belayInside, buildBelay, installBelay, RELEASE, startTemporal } from './inside.ts';
import { startSite } from './site.ts';

describe('belay on a cluster', () => {
  const name = 'kinside';
  const cleanUp: (() => Promise<void>)[] = [];
  let site: ClusterSite;
  let own: Awaited<ReturnType<typeof newNamespace>>;

  beforeAll(async () => {
    await buildBelay();
    own = await newNamespace();
    cleanUp.push(own.remove);
    site = await startSite(name);
    cleanUp.push(() => site.stop());
    await installBelay(own.name, await startTemporal(own.name), site.example);
  });
  afterAll(async () => {
    for (const remove of cleanUp) await remove();
  });

  const workers = (...args: readonly string[]): Promise<string> =>
    kubectl(
      own.name,
      ...['get', 'pods', '--selector', 'app.kubernetes.io/name=belay', '--output', ...args],
    );

  it('runs its workers without root, on a file system that can’t be written', async () => {
    const pods = JSON.parse(await workers('json')) as {
      items: { spec: { containers: { securityContext: Record<string, unknown> }[] } }[];
    };
    expect(pods.items).toHaveLength(2);
    for (const { spec } of pods.items) {
      expect(spec.containers[0]?.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
      });
    }
    for (const worker of ['control', 'site']) {
      const pod = `deployment/${RELEASE}-${worker}`;
      const script = 'id -u; touch /opt/belay/x 2>/dev/null && echo written; true';
      expect(await kubectl(own.name, 'exec', pod, '--', 'sh', '-c', script)).toBe('1000\n');
    }
  });

  it('upgrades the example', async () => {
    const { code, said } = await belayInside(own.name, 'upgrade', name, '--to', '1.3.0');
    expect(said).toContain('runs 1.3.0 (was 1.2.2)');
    expect(code).toBe(0);
    expect(await site.serving()).toBe('1.3.0');
  });

  it('takes a broken release back', async () => {
    const { code, said } = await belayInside(own.name, 'upgrade', name, '--to', '1.3.1');
    expect(said).toContain('is back on 1.3.0');
    expect(code).toBe(3);
    expect(await site.serving()).toBe('1.3.0');
  });

  it('goes on after its site worker was moved in the middle of a rollout', async () => {
    const upgrade = belayInside(own.name, 'upgrade', name, '--to', '1.4.0');
    const newest = async (): Promise<string> =>
      kubectl(
        site.example.namespace,
        ...['get', 'deployment', `${name}-tenant-plane`],
        ...['--output', 'jsonpath={.spec.template.spec.containers[0].image}'],
      );
    await until(async () => (await newest()).endsWith(':1.4.0'), 'the rollout began', 120_000);
    const before = Date.now();
    await kubectl(own.name, 'delete', 'pod', '--selector', 'app.kubernetes.io/component=site');
    // It ends by itself and is not killed at the end of its grace.
    expect(Date.now() - before).toBeLessThan(42_000);
    const { code, said } = await upgrade;
    expect(said).toContain('runs 1.4.0 (was 1.3.0)');
    expect(code).toBe(0);
    expect(await site.serving()).toBe('1.4.0');
    const leases = await kubectl(site.example.namespace, 'get', 'leases', '--output', 'name');
    expect(leases.trim(), 'the claim is gone').toBe('');
  });

  it('is not ready while its workers don’t poll', async () => {
    const ready = "jsonpath={range .items[*]}{.status.containerStatuses[0].ready}{' '}{end}";
    expect((await workers(ready)).trim()).toBe('true true');
    const pod = `deployment/${RELEASE}-control`;
    await kubectl(own.name, 'exec', pod, '--', 'rm', '/run/belay/health');
    await until(async () => (await workers(ready)).includes('false'), 'not ready', 120_000);
  });

  it('says which permission its account lacks', async () => {
    const { namespace } = site.example;
    const without = JSON.stringify([{ op: 'test', path: '/rules/1/resources/0', value: 'pods' }]);
    await kubectl(namespace, 'patch', 'role', RELEASE, '--type=json', '--patch', without);
    const remove = JSON.stringify([{ op: 'remove', path: '/rules/1' }]);
    await kubectl(namespace, 'patch', 'role', RELEASE, '--type=json', '--patch', remove);
    const { code, said } = await belayInside(own.name, 'upgrade', name, '--to', '1.3.0');
    expect(said).toContain(`may not list pods in namespace ${namespace}`);
    expect(code).toBe(5);
    expect(await site.serving()).toBe('1.4.0');
  });
});
