/** What only workloads without Helm can get wrong. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { KubernetesSettings } from '../../src/domain/deployment.ts';
import type { Pins } from '../../src/domain/target.ts';
import { createKubernetesTarget } from '../../src/targets/kubernetes/index.ts';
import type { Target } from '../../src/targets/target.ts';
import { claimOf, quiet, wayBack, type PlannedPins } from '../contract/arrange.ts';
import { ensureTinyImage } from '../contract/tiny-image.ts';
import { apply, kubeconfig, kubectl, newNamespace } from '../stack/cluster.ts';
import { newBundle } from './new-bundle.ts';
import { REPOSITORY } from './tiny-chart.ts';

const OTHER = '127.0.0.1:5000/belay-cluster/other';
const COMPONENTS = {
  web: { image: REPOSITORY, tag: '{version}' },
  other: { image: OTHER, tag: '{version}' },
};
type Components = Partial<typeof COMPONENTS>;

beforeAll(async () => {
  for (const repository of [REPOSITORY, OTHER])
    for (const version of ['1', '2']) await ensureTinyImage(`${repository}:${version}`, version);
  await ensureTinyImage(`${REPOSITORY}:exits`, 'exits');
});

/** A workload whose `web` container exits where its image says so. */
function workload(
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
  containers: string,
  name = 'web',
): string {
  const web = `{name: web, image: "${REPOSITORY}:1", command: [sh, -c, '[ "$(cat /www/version)" != exits ] || exit 1; exec sleep 9999'], readinessProbe: {exec: {command: ["true"]}, initialDelaySeconds: 2, periodSeconds: 1}}`;
  return `apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  ${kind === 'StatefulSet' ? 'serviceName: web' : 'minReadySeconds: 0'}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      terminationGracePeriodSeconds: 0
      initContainers:
        - {name: before, image: "${REPOSITORY}:1", command: ["true"]}
      containers:
        - ${web}
${containers}`;
}

const SECOND = `        - {name: other, image: "${OTHER}:1", command: [sleep, "9999"]}
        - {name: aside, image: "${OTHER}:1", command: [sleep, "9999"]}
`;

interface Running {
  readonly namespace: string;
  readonly target: Target;
  /** The images of the workload's template, init containers first. */
  readonly images: () => Promise<string>;
  readonly to: (tags: Readonly<Record<string, string>>) => Promise<Pins>;
}

async function on(
  kind: Parameters<typeof workload>[0],
  options: { readonly components?: Components; readonly settings?: Partial<KubernetesSettings> },
  body: (running: Running) => Promise<void>,
): Promise<void> {
  const { name: namespace, remove } = await newNamespace();
  const components: Components = options.components ?? COMPONENTS;
  try {
    await apply(namespace, workload(kind, components.other ? SECOND : ''));
    await kubectl(namespace, 'rollout', 'status', `${kind}/web`, '--timeout=60s');
    const settings: KubernetesSettings = {
      kind: 'kubernetes',
      directory: tmpdir(),
      cluster: { namespace, kubeconfig: kubeconfig() },
      neighbours: {},
      rollout: { maxRestarts: 1, graceMs: 20_000, progressMs: 60_000 },
      workloads: {},
      ...options.settings,
    };
    const known = Object.fromEntries(
      Object.entries(components).map(([name, each]) => [name, each] as const),
    );
    const target = createKubernetesTarget(settings, known);
    await body({
      namespace,
      target,
      images: () =>
        kubectl(
          namespace,
          ...['get', `${kind}/web`, '--output'],
          'jsonpath={.spec.template.spec.initContainers[*].image} {.spec.template.spec.containers[*].image}',
        ),
      to: async (tags) => {
        const wanted = Object.fromEntries(
          Object.entries(tags).map(([name, tag]) => [
            name,
            { reference: `${known[name]?.image}:${tag}` },
          ]),
        );
        const located = await target.locate(wanted, { from: 'registry' }, quiet());
        return Object.fromEntries(
          Object.entries(located).map(([name, { reference, imageId }]) => [
            name,
            { reference, imageId },
          ]),
        );
      },
    });
  } finally {
    await remove();
  }
}

test('one component after the other, in one pod: what is not changed stays', () =>
  on('Deployment', {}, async ({ target, images, to }) => {
    const both = await to({ web: '2', other: '2' });
    await target.claim(claimOf('run', { from: both, to: both }));
    await target.swap({ pins: both }, 'run', quiet());
    expect(await images()).toBe(`${REPOSITORY}:2 ${REPOSITORY}:2 ${OTHER}:2 ${OTHER}:2`);
    await target.swap({ pins: await to({ web: '1', other: '2' }) }, 'run', quiet());
    expect(await images()).toBe(`${REPOSITORY}:1 ${REPOSITORY}:1 ${OTHER}:2 ${OTHER}:2`);
  }));

describe('named workloads', () => {
  const named = (workloads: KubernetesSettings['workloads']) => ({ settings: { workloads } });

  test('one that is not there, and one that runs something else, are refused together', () =>
    on('Deployment', { components: { web: COMPONENTS.web } }, async ({ namespace }) => {
      const settings: KubernetesSettings = {
        kind: 'kubernetes',
        directory: tmpdir(),
        cluster: { namespace, kubeconfig: kubeconfig() },
        neighbours: {},
        rollout: { maxRestarts: 1, graceMs: 20_000, progressMs: 60_000 },
        workloads: { web: ['Deployment/nowhere'], other: ['Deployment/web'] },
      };
      const wrong = createKubernetesTarget(settings, {
        web: COMPONENTS.web,
        other: COMPONENTS.other,
        third: { image: `${OTHER}-third`, tag: '{version}' },
      });
      await expect(wrong.observe(quiet())).rejects.toMatchObject({
        fault: 'request',
        refusals: [{ code: 'workload-missing' }, { code: 'component-missing' }],
      });
    }));

  test('a component that is not named is found by its image', () =>
    on('Deployment', named({ web: ['Deployment/web'] }), async ({ target }) => {
      const { components } = await target.observe(quiet());
      expect(components['other']?.declared).toBe(`${OTHER}:1`);
    }));
});

test('a rollout that is under way is a danger by name', () =>
  on('Deployment', { components: { web: COMPONENTS.web } }, async ({ target, namespace }) => {
    expect((await target.observe(quiet())).hazards).toEqual([]);
    await kubectl(namespace, 'set', 'env', 'deployment/web', 'WORD=x');
    await kubectl(namespace, 'set', 'image', 'deployment/web', `web=${REPOSITORY}:none`);
    const { hazards = [] } = await target.observe(quiet());
    expect(hazards.map(({ name }) => name)).toEqual(['rollout:Deployment/web']);
  }));

describe('interrupted between two workloads of one image', () => {
  const interrupted = (body: (running: Running, pins: PlannedPins) => Promise<void>) =>
    on('Deployment', { components: { web: COMPONENTS.web } }, async (running) => {
      const { namespace, target, to } = running;
      await apply(namespace, workload('Deployment', '', 'worker'));
      await kubectl(namespace, 'rollout', 'status', 'deployment/worker', '--timeout=60s');
      const observed = await target.observe(quiet());
      const pins: PlannedPins = {
        from: await target.currentPins(observed),
        to: await to({ web: '2' }),
        ...(observed.point && { fromPoint: observed.point }),
      };
      await target.claim(claimOf('run', pins));
      const images = ['before', 'web'].map((name) => `${name}=${REPOSITORY}:2`);
      await kubectl(namespace, 'set', 'image', 'deployment/web', ...images);
      await body(running, pins);
    });
  const imagesOfBoth = ({ namespace }: Running) =>
    kubectl(
      namespace,
      ...['get', 'deployments', '--output'],
      'jsonpath={.items[*].spec.template.spec.initContainers[*].image} {.items[*].spec.template.spec.containers[*].image}',
    );
  const all = (tag: string) => Array<string>(4).fill(`${REPOSITORY}:${tag}`).join(' ');

  test('it goes on; evidence is had, and nothing is planned from there', () =>
    interrupted(async (running, pins) => {
      const { target } = running;
      await expect(target.observe(quiet())).rejects.toMatchObject({ code: 'component-mixed' });
      const directory = await mkdtemp(join(tmpdir(), 'belay-evidence-'));
      try {
        await target.collect(directory, quiet());
        const seen = await readFile(join(directory, 'pods.txt'), 'utf8');
        expect(seen).toMatch(/Deployment\/web: [\s\S]*Deployment\/worker: /);
      } finally {
        await rm(directory, { recursive: true });
      }
      await target.swap({ pins: pins.to }, 'run', quiet());
      expect(await imagesOfBoth(running)).toBe(all('2'));
      const { web = [] } = (await target.look(quiet())).instances;
      const said = web.map(async ({ id, name }) => {
        const options = { timeoutMs: 60_000, instance: id };
        const argv = ['sh', '-c', 'cat /www/version; hostname'];
        const { stdout } = await target.run('web', argv, 'inside', options, quiet());
        expect(stdout).toContain(name);
        return stdout[0];
      });
      expect(await Promise.all(said)).toEqual(['2', '2']);
    }));

  test('or it goes back', () =>
    interrupted(async (running, pins) => {
      await running.target.swap(wayBack(pins), 'run', quiet());
      expect(await imagesOfBoth(running)).toBe(all('1'));
    }));
});

describe('offline', () => {
  test('a bundle is pushed to the registry, and its nodes run what was planned', () =>
    on('Deployment', { components: { web: COMPONENTS.web } }, async ({ target, images }) => {
      const { reference, source, remove } = await newBundle();
      try {
        const located = await target.locate({ web: { reference } }, source, quiet());
        const pins = { web: { reference, imageId: located['web']?.imageId ?? '' } };
        await target.fetch(pins, source, pins, quiet());
        await target.claim(claimOf('run', { from: pins, to: pins }));
        const { components } = await target.swap({ pins }, 'run', quiet());
        expect(components['web']?.instances.map(({ imageId }) => imageId)).toEqual([
          pins.web.imageId,
        ]);
        expect(await images()).toContain(reference);
      } finally {
        await remove();
      }
    }));

  test('or handed to the site’s own command', async () => {
    const { folder, reference, source, imageId, remove } = await newBundle();
    const command = join(folder, 'import');
    await writeFile(command, `#!/bin/sh\necho "$@" >> ${folder}/said; exec cat ${folder}/code\n`);
    await chmod(command, 0o755);
    const settings = { importCommand: [command, 'a b'] };
    try {
      await on('Deployment', { settings }, async ({ target }) => {
        const located = await target.locate({ web: { reference } }, source, quiet());
        expect(located['web']).toMatchObject({ imageId });
        const pins = { web: { reference, imageId } };
        const fetched = () => target.fetch(pins, source, pins, quiet());
        await expect(fetched()).rejects.toMatchObject({
          fault: 'environment',
          code: 'import-failed',
          message: expect.stringContaining('No such file') as unknown,
        });
        await writeFile(join(folder, 'code'), '');
        await fetched();
        const line = `a b ${source.path}\n`;
        expect(await readFile(join(folder, 'said'), 'utf8')).toBe(line + line);
        await rm(command);
        await expect(fetched()).rejects.toMatchObject({ fault: 'request', code: 'import-missing' });
      });
    } finally {
      await remove();
    }
  });
});

describe.each(['StatefulSet', 'DaemonSet'] as const)('a %s', (kind) => {
  test('there, stuck on a bad image, and back to its template', () =>
    on(kind, { components: { web: COMPONENTS.web } }, async ({ target, images, to, namespace }) => {
      const observed = await target.observe(quiet());
      const from = await target.currentPins(observed);
      const back = { pins: from, ...(observed.point && { point: observed.point }) };
      const bad = await to({ web: 'exits' });
      await target.claim(claimOf('run', { from, to: bad }));
      await expect(target.swap({ pins: bad }, 'run', quiet())).rejects.toMatchObject({
        fault: 'release',
        code: 'crash-loop',
      });
      await target.swap(back, 'run', quiet());
      expect(await images()).toBe(`${REPOSITORY}:1 ${REPOSITORY}:1`);
      const good = await to({ web: '2' });
      await target.swap({ pins: good }, 'run', quiet());
      const pod = await kubectl(namespace, 'get', 'pods', '--output', 'name');
      const version = await kubectl(namespace, 'exec', pod.trim(), '--', 'cat', '/www/version');
      expect(version).toBe('2');
      const usable = (await target.revisions(quiet())).map(({ references }) => references['web']);
      expect(usable.at(-1)).toBe(`${REPOSITORY}:2`);
      expect(usable).toContain(`${REPOSITORY}:1`);
    }));
});
