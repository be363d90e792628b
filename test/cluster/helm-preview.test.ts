/** What a plan on a Helm release says beforehand, and what it keeps to itself. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { HelmSettings } from '../../src/domain/deployment.ts';
import { createHelmTarget } from '../../src/targets/helm/index.ts';
import { claimOf, pinsOf, quiet, wayBack } from '../contract/arrange.ts';
import { ensureTinyImage } from '../contract/tiny-image.ts';
import { apply, kubectl, programs } from '../stack/cluster.ts';
import { deployHelm, type HelmDeployed, type ReleaseOptions } from './helm-release.ts';
import { REPOSITORY } from './tiny-chart.ts';

beforeAll(async () => {
  await ensureTinyImage(`${REPOSITORY}:1`, '1');
  await ensureTinyImage(`${REPOSITORY}:2`, '2');
});

const hook = (name: string, events: string) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  annotations: {helm.sh/hook: "${events}", helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded"}
`;

const claim = (policy: string) => `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, annotations: {helm.sh/resource-policy: ${policy}}}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}, storageClassName: none}
`;

const definition = (name: string, description: string) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${name}s.belay.example.com}
spec:
  group: belay.example.com
  names: {kind: ${name.toUpperCase()}, plural: ${name}s}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              description: ${description}
              x-kubernetes-preserve-unknown-fields: true
              properties: {size: {type: integer, default: 3, enum: [3, 4]}}
`;

/** Three workloads whose rollout would wait for somebody, and one that was paused before its first pod. */
const held = (paused: boolean) =>
  (
    [
      ['Deployment', 'held', `paused: ${paused}`],
      ['Deployment', 'never', 'paused: true'],
      [
        'StatefulSet',
        'held',
        'serviceName: held, replicas: 2, podManagementPolicy: Parallel, updateStrategy: {rollingUpdate: {partition: 1}}',
      ],
      ['DaemonSet', 'held', 'updateStrategy: {type: OnDelete}'],
    ] as const
  )
    .map(([kind, name, more]) => {
      const labels = `{held: ${kind.toLowerCase()}-${name}}`;
      const container = `{name: web, image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}", command: [sleep, "9999"]}`;
      const pod = `{terminationGracePeriodSeconds: 0, containers: [${container}]}`;
      return `apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}}
spec: {${more}, selector: {matchLabels: ${labels}}, template: {metadata: {labels: ${labels}}, spec: ${pod}}}
`;
    })
    .join('---\n');

describe.each([
  ['helm 3', programs.helm3],
  ['helm 4', programs.helm4],
])('a plan with %s', (_, program) => {
  let deployed: HelmDeployed;
  const arrange = async (options: ReleaseOptions = {}) => {
    deployed = await deployHelm({ program, ...options });
  };
  afterEach(() => deployed.dispose());
  const chart = (...parts: readonly string[]) => join(deployed.directory, 'chart', ...parts);
  const previewOf = async (settings: Partial<HelmSettings> = {}) => {
    const { to } = await pinsOf(deployed);
    const all = { ...deployed.settings, ...settings };
    const target = createHelmTarget(all, { web: { image: REPOSITORY, tag: '{version}' } });
    return target.preview({ pins: to }, quiet());
  };

  test('names the hooks there and back, and is the same at every look', async () => {
    await arrange({
      templates: {
        'by-chance.yaml': hook('h-{{ randAlphaNum 5 | lower }}', 'pre-upgrade'),
        'undo.yaml': hook('undo', 'pre-rollback'),
        'chance.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: "c-{{ randAlphaNum 5 | lower }}"}
data: {at: "{{ randAlphaNum 5 }}"}
`,
      },
    });
    const first = await previewOf();
    expect(first).toEqual(await previewOf());
    expect(first.notes).toContain('hook ConfigMap/(differs at every rendering) runs (pre-upgrade)');
    expect(first.notes).toContain(
      'the way back is `helm rollback web 1`: it runs ConfigMap/undo (pre-rollback) of that revision (hooks-on-rollback: false runs none)',
    );
    const without = await previewOf({ hooksOnRollback: false });
    expect(without.notes).toContain(
      'the way back is `helm rollback web 1`: it runs no hook (hooks-on-rollback: false), not even ConfigMap/undo (pre-rollback)',
    );
  });

  test('goes by the policy on the object itself, wherever it came from', async () => {
    await arrange({ templates: { 'data.yaml': claim('none') } });
    await writeFile(chart('templates', 'data.yaml'), '');
    const names = async () => (await previewOf()).hazards.map(({ name }) => name);
    expect(await names()).toEqual(['remove:PersistentVolumeClaim/data']);
    const policy = (value: string) =>
      kubectl(
        deployed.namespace,
        'annotate',
        '--overwrite',
        'pvc/data',
        `helm.sh/resource-policy${value}`,
      );
    await policy('=keep');
    expect(await names()).toEqual([]);
    await writeFile(chart('templates', 'data.yaml'), claim('keep'));
    await deployed.helm('upgrade', 'web', chart());
    await writeFile(chart('templates', 'data.yaml'), '');
    await policy('-');
    expect(await names()).toEqual(['remove:PersistentVolumeClaim/data']);
  });

  test('lists the definitions that helm would leave as they are', async () => {
    await arrange();
    const name = `w${randomBytes(4).toString('hex')}`;
    const { namespace } = deployed;
    await mkdir(chart('crds'));
    await writeFile(chart('crds', 'words.yaml'), definition(name, 'new'));
    const listed = async () =>
      (await previewOf()).notes.filter((note) => note.startsWith('CustomResourceDefinition/'));
    expect(await listed()).toEqual([expect.stringMatching(/crds folder is not on the cluster/)]);
    try {
      await apply(namespace, definition(name, 'old'));
      expect(await listed()).toEqual([
        expect.stringMatching(/is another on the cluster \(spec\.versions\[0\]\..*description\)/),
      ]);
      await apply(namespace, definition(name, 'new'));
      expect(await listed()).toEqual([]);
    } finally {
      await kubectl(namespace, 'delete', 'crd', `${name}s.belay.example.com`, '--wait=false');
    }
  });

  test('names what would hold the rollout; where that is accepted, the way back is none the worse', async () => {
    await arrange({ templates: { 'held.yaml': held(false) } });
    const { namespace, target } = deployed;
    for (const ref of ['deployment/held', 'statefulset/held'])
      await kubectl(namespace, 'rollout', 'status', ref, '--timeout=60s');
    const ready = ['--for=condition=Ready', 'pods', '--selector', 'held', '--timeout=60s'];
    await kubectl(namespace, 'wait', ...ready);
    await writeFile(chart('templates', 'held.yaml'), held(true));
    await deployed.helm('upgrade', 'web', chart());
    const { hazards = [] } = await target().observe(quiet());
    expect(hazards.map(({ name }) => name).toSorted()).toEqual([
      'held:Deployment/held',
      'held:Deployment/never',
      'held:StatefulSet/held',
      'strategy:DaemonSet/held',
    ]);
    const pins = await pinsOf(deployed);
    await target().claim(claimOf('run', pins));
    await expect(target().swap({ pins: pins.to }, 'run', quiet())).rejects.toMatchObject({
      fault: 'request',
      code: 'rollout-paused',
    });
    await target().swap(wayBack(pins), 'run', quiet());
    const { instances } = await target().look(quiet());
    const references = (instances['web'] ?? []).map(({ reference }) => reference);
    expect(references).toEqual(Array<string>(5).fill(`${REPOSITORY}:1`));
  });

  test('keeps a password in a variable to itself', async () => {
    await arrange();
    const file = chart('templates', 'web.yaml');
    const text = await readFile(file, 'utf8');
    const variable = '- {name: API_PASSWORD, value: hunter-and-gatherer}';
    await writeFile(file, text.replace(/^( +)- name: WEB_PASSWORD/m, `$1${variable}\n$&`));
    const seen = JSON.stringify(await previewOf());
    expect(seen).toContain('API_PASSWORD');
    expect(seen).not.toContain('hunter-and-gatherer');
  });

  test('takes the chart from a registry, in the version that is wanted', async () => {
    await arrange();
    const home = `127.0.0.1:5000/belay-charts-${randomBytes(4).toString('hex')}`;
    const source = { from: 'oci', url: `oci://${home}/tiny`, version: '{version}.0.0' } as const;
    await expect(previewOf({ chart: source })).rejects.toMatchObject({
      fault: 'request',
      code: 'chart-not-found',
    });
    await deployed.helm(
      'package',
      chart(),
      '--version',
      '2.0.0',
      '--destination',
      deployed.directory,
    );
    const file = join(deployed.directory, 'tiny-2.0.0.tgz');
    await deployed.helm('push', file, `oci://${home}`, '--plain-http');
    const { changes } = await previewOf({ chart: source });
    expect(JSON.stringify(changes)).toContain(`${REPOSITORY}:2`);
    expect(changes.at(-1)).toMatchObject({
      kind: 'command',
      argv: expect.arrayContaining([source.url, '--version', '2.0.0']) as unknown,
    });
    await expect(
      previewOf({
        chart: { from: 'repository', url: 'http://127.0.0.1:9', name: 'a', version: '1.0.0' },
      }),
    ).rejects.toMatchObject({ fault: 'environment', code: 'chart-unreachable' });
  });
});
