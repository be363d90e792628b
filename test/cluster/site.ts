/** The example on the test cluster, and what must hold of it after every operation. */
import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { ClusterSite, type ClusterSiteOptions } from '../../scripts/stack/cluster-site.ts';
import type { Outcome } from '../../src/domain/operation.ts';
import { kubeconfig, kubectl, onCluster, programs } from '../stack/cluster.ts';
import { until } from '../stack/until.ts';

export const IMAGE = '127.0.0.1:5000/atlasai/tenant-plane';

/** Installs the example under `name`. */
export function startSite(
  name: string,
  options: Partial<ClusterSiteOptions> = {},
): Promise<ClusterSite> {
  return ClusterSite.start({
    name,
    kubeconfig: kubeconfig(),
    helm: programs.helm3,
    // Every installation has a namespace of its own.
    awaitRemoval: false,
    ...options,
  });
}

/** Runs a command with `--json`. */
export async function json(
  site: ClusterSite,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly json: Record<string, unknown> }> {
  const { code, stdout, stderr } = await site.belay([...args, '--json']);
  try {
    return { code, json: JSON.parse(stdout) as Record<string, unknown> };
  } catch (cause) {
    throw new Error(`${args.join(' ')} said no JSON: ${stdout}${stderr}`, { cause });
  }
}

/** The outcome of an operation that a command followed to its end. */
export async function outcome(
  site: ClusterSite,
  args: readonly string[],
): Promise<Outcome & { readonly code: number | null }> {
  const { code, json: answer } = await json(site, args);
  return { ...(answer as unknown as Outcome), code };
}

/** Revisions of the release, oldest first. */
export async function revisions(
  site: ClusterSite,
): Promise<readonly { revision: number; status: string; description: string }[]> {
  const { namespace, release } = site.example;
  const text = await onCluster([
    ...[programs.helm3, 'history', release, '--namespace', namespace, '--output', 'json'],
  ]);
  return JSON.parse(text) as { revision: number; status: string; description: string }[];
}

/** Everything that must hold when `version` serves. */
export async function expectServing(site: ClusterSite, version: string): Promise<void> {
  const { namespace, release, name } = site.example;
  let answers: string | undefined;
  await until(async () => (answers = await site.serving()) !== undefined, 'it answers');
  expect(answers, 'the version that answers').toBe(version);
  const template =
    '{range .items[*]}{.spec.containers[0].image} {.status.containerStatuses[0].ready}{"\\n"}{end}';
  const selector = `app.kubernetes.io/instance=${release},app.kubernetes.io/name=tenant-plane`;
  const ready = async (): Promise<number> => {
    const pods = await kubectl(
      namespace,
      ...['get', 'pods', '--selector', selector, '--field-selector', 'status.phase=Running'],
      ...['--output', `jsonpath=${template}`],
    );
    return pods.split('\n').filter((line) => line === `${IMAGE}:${version} true`).length;
  };
  await until(async () => (await ready()) === 3, 'three pods of it are ready');
  expect((await revisions(site)).at(-1)?.status, 'the release').toBe('deployed');
  const leases = await kubectl(namespace, 'get', 'leases', '--output', 'name');
  expect(leases.trim(), 'the claim is gone').toBe('');
  const history = await readFile(site.example.history, 'utf8').catch(() => '');
  expect(history.split('\n').every((line) => line === '' || /^\d{8}T\d{6} /.test(line))).toBe(true);
  expect(name).toBe(release);
}

/** Requests through the Service all the time, as many a second. */
export function startLoad(
  url: string,
  perSecond = 20,
): { readonly stop: () => Promise<{ readonly asked: number; readonly failed: string[] }> } {
  const failed: string[] = [];
  const pending = new Set<Promise<void>>();
  let asked = 0;
  const timer = setInterval(() => {
    asked += 1;
    const one = fetch(url, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(30_000),
    }).then(
      async (response) => {
        await response.arrayBuffer();
        if (!response.ok) failed.push(`${new Date().toISOString()} ${response.status}`);
      },
      (error: unknown) => {
        failed.push(`${new Date().toISOString()} ${String((error as Error).cause ?? error)}`);
      },
    );
    pending.add(one);
    void one.finally(() => pending.delete(one));
  }, 1_000 / perSecond);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(pending);
      return { asked, failed };
    },
  };
}
