/** What helm leaves behind when a call of it fails, and what others do to a release meanwhile. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { claimOf, pinsOf, quiet, wayBack, type PlannedPins } from '../contract/arrange.ts';
import { ensureTinyImage } from '../contract/tiny-image.ts';
import { kubectl, programs } from '../stack/cluster.ts';
import { deployHelm, type HelmDeployed, type ReleaseOptions } from './helm-release.ts';
import { REPOSITORY, SECRET } from './tiny-chart.ts';

beforeAll(async () => {
  await ensureTinyImage(`${REPOSITORY}:1`, '1');
  await ensureTinyImage(`${REPOSITORY}:2`, '2');
  await ensureTinyImage(`${REPOSITORY}:exits`, 'exits');
});

/** Two pods that are replaced one after the other, and stop there when one does not start. */
const STATEFUL = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  replicas: 2
  serviceName: store
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: store
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          command: [sh, -c, '[ "$(cat /www/version)" != exits ] || exit 1; exec sleep 100000']
`;

const ONLY_IN_1 = `{{ if eq .Values.image.tag "1" }}
apiVersion: v1
kind: ConfigMap
metadata: {name: only-in-1}
{{ end }}
`;

const WORD = `apiVersion: v1
kind: ConfigMap
metadata: {name: word}
data: {word: "{{ .Values.word }}"}
`;

const waitingHook = (name: string, container: string) => `apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
  annotations: {helm.sh/hook: pre-upgrade, helm.sh/hook-delete-policy: before-hook-creation}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: hook, ${container}}]}}}
`;

const FAILING_HOOK = `apiVersion: batch/v1
kind: Job
metadata:
  name: hook
  annotations: {helm.sh/hook: pre-upgrade, helm.sh/hook-delete-policy: before-hook-creation}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: hook, image: "${REPOSITORY}:1", command: [sh, -c, "echo the hook says why; exit 1"]}]
`;

describe.each([
  ['helm 3', programs.helm3],
  ['helm 4', programs.helm4],
])('%s', (_, program) => {
  let deployed: HelmDeployed;
  let pins: PlannedPins;
  const arrange = async (to: string, options: ReleaseOptions = {}) => {
    deployed = await deployHelm({ program, ...options });
    await claim(to);
  };
  const claim = async (to: string) => {
    pins = await pinsOf({ ...deployed, to: `${REPOSITORY}:${to}` });
    await deployed.target().claim(claimOf('run', pins));
  };
  afterEach(() => deployed.dispose());
  const chart = () => join(deployed.directory, 'chart');
  const swapTo = () => deployed.target().swap({ pins: pins.to }, 'run', quiet());
  const swapBack = () => deployed.target().swap(wayBack(pins), 'run', quiet());

  const replicas = () =>
    kubectl(deployed.namespace, 'get', 'deployment/web-web', '--output=jsonpath={.spec.replicas}');
  const setImage = (tag: string) =>
    kubectl(deployed.namespace, 'set', 'image', 'deployment/web-web', `web=${REPOSITORY}:${tag}`);

  test('a StatefulSet that stands still on its first broken pod is taken back', async () => {
    await arrange('exits', { templates: { 'store.yaml': STATEFUL } });
    await kubectl(deployed.namespace, 'rollout', 'status', 'statefulset/store', '--timeout=60s');
    await expect(swapTo()).rejects.toMatchObject({ fault: 'release', code: 'crash-loop' });
    await swapBack();
    expect(await kubectl(deployed.namespace, 'exec', 'store-1', '--', 'cat', '/www/version')).toBe(
      '1',
    );
  });

  test('a rollback that failed once is done again', async () => {
    await arrange('2', { templates: { 'only.yaml': ONLY_IN_1 } });
    const files = await deployed.files();
    await swapTo();
    const { namespace } = deployed;
    await kubectl(namespace, 'create', 'quota', 'full', '--hard=count/configmaps=1');
    await kubectl(namespace, 'wait', '--for=jsonpath={.status.hard}', 'quota/full');
    await expect(swapBack()).rejects.toMatchObject({ fault: 'environment', code: 'quota' });
    // Helm has marked what was deployed as superseded: nothing is deployed now.
    expect((await deployed.history()).filter((entry) => entry.endsWith(' deployed'))).toEqual([]);
    await kubectl(namespace, 'delete', 'quota', 'full');
    await swapBack();
    expect(await deployed.files()).toEqual(files);
    expect(await deployed.serving()).toBe('1');
  });

  test('another’s upgrade is seen, also of a release that belay has upgraded', async () => {
    await arrange('2');
    await swapTo();
    await deployed.target().releaseClaim('run');
    await claim('1');
    // Helm hands the labels of one revision on to the next.
    await deployed.helm('upgrade', 'web', chart(), '--set', 'word=theirs');
    const history = await deployed.history();
    await expect(swapTo()).rejects.toMatchObject({ fault: 'unknown', code: 'release-changed' });
    await expect(swapBack()).rejects.toMatchObject({ fault: 'unknown', code: 'release-changed' });
    expect(await deployed.history()).toEqual(history);
  });

  test('what someone edited, and an operator accepted, is in nobody’s way', async () => {
    await arrange('2');
    await kubectl(deployed.namespace, 'scale', 'deployment/web-web', '--replicas=2');
    await swapTo();
    expect(await deployed.serving()).toBe('2');
    expect(await replicas()).toBe('1');
    await setImage('exits');
    await swapBack();
    expect(await deployed.serving()).toBe('1');
  });

  test('a workload that somebody deletes or edits meanwhile is declared again', async () => {
    await arrange('2');
    await swapTo();
    await kubectl(deployed.namespace, 'delete', 'deployment/web-web');
    await swapTo();
    expect(await deployed.serving()).toBe('2');
    await swapBack();
    await setImage('2');
    await swapBack();
    expect(await deployed.serving()).toBe('1');
  });

  test('the oldest revision of a full history is gone to, twice as once', async () => {
    await arrange('2', { templates: { 'word.yaml': WORD }, settings: { set: { word: 'any' } } });
    for (let at = 2; at <= 10; at += 1)
      await deployed.helm('upgrade', 'web', chart(), '--set', `word=${at}`);
    await deployed.target().releaseClaim('run');
    await claim('2');
    const goal = { pins: pins.from, point: { revision: 1 } };
    await deployed.target().swap(goal, 'run', quiet());
    await deployed.target().swap(goal, 'run', quiet());
    expect((await deployed.history()).at(-1)).toBe('11 deployed');
    await swapBack();
    expect((await deployed.history()).at(-1)).toBe('12 deployed');
  });

  test('an upgrade of somebody else that failed, and was accepted, is in nobody’s way, nor is its hook', async () => {
    await arrange('2');
    await deployed.target().releaseClaim('run');
    const file = join(chart(), 'templates', 'hook.yaml');
    await writeFile(file, waitingHook('gone', `image: "${REPOSITORY}:vanished"`));
    await expect(deployed.helm('upgrade', 'web', chart(), '--timeout', '3s')).rejects.toThrow();
    const { hazards } = await deployed.target().observe(quiet());
    expect(hazards?.map(({ name }) => name)).toEqual(['release:failed']);
    // Long enough for belay to look at hooks, among them the one that still waits for its image.
    const sleeps = `image: "${REPOSITORY}:1", command: [sleep, "7"]`;
    await writeFile(file, waitingHook('slow', sleeps));
    await claim('2');
    await swapTo();
    expect(await deployed.serving()).toBe('2');
    await swapBack();
    expect(await deployed.serving()).toBe('1');
    expect((await deployed.history()).at(-1)).toBe('4 deployed');
  });

  test('evidence tells what a hook said, and what was declared', async () => {
    await arrange('2', { templates: { 'hook.yaml': FAILING_HOOK } });
    await expect(swapTo()).rejects.toMatchObject({ fault: 'release', code: 'hook-failed' });
    const folder = await mkdtemp(join(tmpdir(), 'belay-evidence-'));
    try {
      const evidence = await deployed.target().collect(join(folder, 'capture'), quiet());
      const texts = await Promise.all(evidence.map(({ path }) => readFile(path, 'utf8')));
      const all = texts.join('\n');
      expect(all).toContain('the hook says why');
      expect(all).toContain(`image: ${REPOSITORY}:2`);
      expect(all).toContain('pre-upgrade hooks failed');
      expect(all).not.toContain(SECRET);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
