/** What only Helm can get wrong: what is refused beforehand, what fails fast, what a kill leaves. */
import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claimOf, pinsOf, quiet, wayBack, type PlannedPins } from '../contract/arrange.ts';
import { ensureTinyImage } from '../contract/tiny-image.ts';
import { kubectl, programs } from '../stack/cluster.ts';
import { until } from '../stack/until.ts';
import { deployHelm, type HelmDeployed, type ReleaseOptions } from './helm-release.ts';
import { REPOSITORY } from './tiny-chart.ts';

beforeAll(async () => {
  await ensureTinyImage(`${REPOSITORY}:1`, '1');
  await ensureTinyImage(`${REPOSITORY}:2`, '2');
  await ensureTinyImage(`${REPOSITORY}:exits`, 'exits');
});

/** Deploys, runs the body, disposes. */
async function on(
  options: ReleaseOptions,
  body: (deployed: HelmDeployed) => Promise<void>,
): Promise<void> {
  const deployed = await deployHelm(options);
  try {
    await body(deployed);
  } finally {
    await deployed.dispose();
  }
}

const CLAIM_TEMPLATE = `apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: data
  annotations: {helm.sh/resource-policy: "{{ .Values.policy }}"}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}, storageClassName: none}
`;

describe('refused beforehand', () => {
  test('a release that is not there', () =>
    on({ settings: { release: 'nobody' } }, async ({ target, namespace }) => {
      const failed = target().observe(quiet());
      await expect(failed).rejects.toMatchObject({ fault: 'request', code: 'release-missing' });
      await expect(failed).rejects.toThrow(/nobody/);
      expect(namespace).not.toBe('');
    }));

  test('values that no file declares, by name and not by value', () =>
    on({}, async ({ helm, target, settings }) => {
      const chart = settings.chart.from === 'path' ? settings.chart.path : '';
      await helm('upgrade', 'web', chart, '--set', 'extra.password=hunter22222', '--set', 'word=x');
      const failed = target().observe(quiet());
      await expect(failed).rejects.toMatchObject({
        refusals: [{ code: 'values-undeclared' }, { code: 'values-undeclared' }],
      });
      await expect(failed).rejects.toThrow(/extra\.password/);
      await expect(failed).rejects.not.toThrow(/hunter22222/);
    }));

  test('a version that the chart does not read', () =>
    on({ settings: { versionValues: { web: { 'image.version': '{tag}' } } } }, async (deployed) => {
      const { to } = await pinsOf(deployed);
      await expect(deployed.target().preview({ pins: to }, quiet())).rejects.toMatchObject({
        fault: 'request',
        code: 'version-ignored',
        message: expect.stringContaining('nothing in the chart reads image.version') as unknown,
      });
    }));

  test('an image by its digest alone', () =>
    on(
      { settings: { versionValues: { web: { 'image.digest': '{digest}' } } } },
      async (deployed) => {
        const { to } = await pinsOf(deployed);
        const file = join(deployed.directory, 'chart', 'templates', 'web.yaml');
        const text = await readFile(file, 'utf8');
        const tag = ':{{ .Values.image.tag }}';
        expect(text).toContain(tag);
        await writeFile(file, text.replace(tag, '@{{ .Values.image.digest }}'));
        await expect(deployed.target().preview({ pins: to }, quiet())).rejects.toMatchObject({
          fault: 'request',
          code: 'tag-missing',
          message: expect.stringContaining(`${REPOSITORY}@sha256:`) as unknown,
        });
      },
    ));

  test('a chart that is not there, that can’t be rendered, values that its schema forbids', () =>
    on({}, async (deployed) => {
      const { settings } = deployed;
      const { to } = await pinsOf(deployed);
      const chart = settings.chart.from === 'path' ? settings.chart.path : '';
      const refused = () => deployed.target().preview({ pins: to }, quiet());
      await writeFile(
        join(chart, 'values.schema.json'),
        '{"properties": {"image": {"properties": {"tag": {"pattern": "^1$"}}}}}',
      );
      await expect(refused()).rejects.toMatchObject({ fault: 'request', code: 'values-schema' });
      await writeFile(join(chart, 'values.schema.json'), '{}');
      await writeFile(join(chart, 'templates', 'odd.yaml'), '{{ fail "not like this" }}');
      await expect(refused()).rejects.toMatchObject({ fault: 'request', code: 'chart-template' });
      await expect(refused()).rejects.toThrow(/not like this/);
    }));

  test('a field that nobody may change', () =>
    on({}, async (deployed) => {
      const { settings } = deployed;
      const { to } = await pinsOf(deployed);
      const file = join(settings.directory, 'chart', 'templates', 'web.yaml');
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replaceAll(/app: \{\{ \.Release\.Name \}\}\}/g, 'app: other}'));
      await expect(deployed.target().preview({ pins: to }, quiet())).rejects.toMatchObject({
        fault: 'request',
        refusals: expect.arrayContaining([
          expect.objectContaining({ code: 'immutable-field' }),
        ]) as unknown,
      });
    }));
});

describe('dangers by name', () => {
  test('a volume claim that would be removed, unless its policy keeps it', () =>
    on({ templates: { 'data.yaml': CLAIM_TEMPLATE } }, async (deployed) => {
      const { settings, helm } = deployed;
      const { to } = await pinsOf(deployed);
      const chart = join(settings.directory, 'chart');
      await writeFile(join(chart, 'templates', 'data.yaml'), '');
      const seen = await deployed.target().preview({ pins: to }, quiet());
      expect(seen.hazards.map(({ name }) => name)).toEqual(['remove:PersistentVolumeClaim/data']);
      expect(seen.notes).toContain('Deployment/web-web restarts its pods');
      await writeFile(join(chart, 'templates', 'data.yaml'), CLAIM_TEMPLATE);
      await helm('upgrade', 'web', chart, '--set', 'policy=keep');
      await writeFile(join(chart, 'templates', 'data.yaml'), '');
      expect((await deployed.target().preview({ pins: to }, quiet())).hazards).toEqual([]);
    }));

  test('what someone edited beside the release', () =>
    on({}, async ({ target, namespace }) => {
      expect((await target().observe(quiet())).hazards).toEqual([]);
      await kubectl(namespace, 'scale', 'deployment/web-web', '--replicas=2');
      const [hazard, ...others] = (await target().observe(quiet())).hazards ?? [];
      expect(others).toEqual([]);
      expect(hazard?.name).toBe('drift:Deployment/web-web');
      expect(hazard?.message).toMatch(/spec\.replicas/);
      // What the manifest does not declare, applying it leaves: it is seen by who set it.
      await kubectl(namespace, 'set', 'env', 'deployment/web-web', 'EXTRA=1');
      const [edited] = (await target().observe(quiet())).hazards ?? [];
      expect(edited?.message).toMatch(/env\[EXTRA\]/);
    }));

  test('what Flux looks after', () =>
    on({}, async ({ target, namespace }) => {
      const label = 'kustomize.toolkit.fluxcd.io/name=apps';
      await kubectl(namespace, 'label', 'deployment/web-web', label);
      const names = (await target().observe(quiet())).hazards?.map(({ name }) => name);
      expect(names).toContain('managed-by:Deployment/web-web');
    }));

  test('a secret that changes shows that it does, and nothing of itself', () =>
    on({}, async (deployed) => {
      const { settings } = deployed;
      const { to } = await pinsOf(deployed);
      const file = join(settings.directory, 'chart', 'templates', 'web.yaml');
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace(deployed.secret, '{{ randAlphaNum 20 }}'));
      const seen = await deployed.target().preview({ pins: to }, quiet());
      expect(seen).toEqual(await deployed.target().preview({ pins: to }, quiet()));
      expect(seen.notes).toContain('Secret/web-web changes its values');
      expect(seen.notes).toContain(
        'differs at every rendering: Secret/web-web: stringData.password',
      );
      expect(JSON.stringify(seen)).not.toContain(deployed.secret);
    }));
});

describe.each([
  ['helm 3', programs.helm3],
  ['helm 4', programs.helm4],
])('%s', (_, program) => {
  let deployed: HelmDeployed;
  let pins: PlannedPins;
  let files: Readonly<Record<string, string>>;
  const arrange = async (to = '2', options: ReleaseOptions = {}) => {
    deployed = await deployHelm({ program, ...options });
    files = await deployed.files();
    pins = await pinsOf({ ...deployed, to: `${REPOSITORY}:${to}` });
    await deployed.target().claim(claimOf('run', pins));
  };
  afterEach(() => deployed.dispose());

  const swapTo = () => deployed.target().swap({ pins: pins.to }, 'run', quiet());
  const swapBack = () => deployed.target().swap(wayBack(pins), 'run', quiet());
  const expectBack = async () => {
    expect(await deployed.serving()).toBe('1');
    expect(await deployed.files()).toEqual(files);
    expect((await deployed.history()).at(-1)).toMatch(/ deployed$/);
    expect((await deployed.target().readClaim())?.children).toEqual([]);
  };

  test('a program that exits at once fails after two restarts, and is taken back', async () => {
    await arrange('exits');
    const startedMs = Date.now();
    await expect(swapTo()).rejects.toMatchObject({ fault: 'release', code: 'crash-loop' });
    expect(Date.now() - startedMs).toBeLessThan(120_000);
    await swapBack();
    await expectBack();
  });

  test('an image that vanished fails at once, and is taken back', async () => {
    await arrange();
    const missing = { web: { ...pins.to['web']!, reference: `${REPOSITORY}:vanished` } };
    const startedMs = Date.now();
    const failed = deployed.target().swap({ pins: missing }, 'run', quiet());
    await expect(failed).rejects.toMatchObject({ fault: 'release', code: 'image-not-found' });
    expect(Date.now() - startedMs).toBeLessThan(60_000);
    await swapBack();
    await expectBack();
  });

  test('a hook that fails is the release’s fault; one whose image is missing ends early', async () => {
    const hook = (image: string, command: string) => `apiVersion: batch/v1
kind: Job
metadata:
  name: "{{ .Release.Name }}-hook"
  annotations: {helm.sh/hook: pre-upgrade, helm.sh/hook-delete-policy: before-hook-creation}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: hook, image: "${REPOSITORY}:${image}", command: [${command}]}]
`;
    await arrange('2', { templates: { 'hook.yaml': hook('1', '"false"') } });
    await expect(swapTo()).rejects.toMatchObject({ fault: 'release', code: 'hook-failed' });
    await swapBack();
    await expectBack();
    const file = join(deployed.directory, 'chart', 'templates', 'hook.yaml');
    await writeFile(file, hook('vanished', '"true"'));
    await deployed.target().releaseClaim('run');
    await deployed.target().claim(claimOf('run', pins));
    const startedMs = Date.now();
    await expect(swapTo()).rejects.toMatchObject({ code: 'image-not-found' });
    expect(Date.now() - startedMs).toBeLessThan(60_000);
    await swapBack();
    await expectBack();
  });

  test('another helm’s pending release is refused and left alone', async () => {
    const slow = `apiVersion: batch/v1
kind: Job
metadata: {name: slow, annotations: {helm.sh/hook: pre-upgrade}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: slow, image: "${REPOSITORY}:1", command: [sleep, "600"]}]}}}
`;
    await arrange('2', { templates: { 'slow.yaml': slow } });
    const chart = join(deployed.directory, 'chart');
    const other = deployed.helm('upgrade', 'web', chart, '--timeout', '25s').catch(() => '');
    const newest = async () => (await deployed.history()).at(-1) ?? '';
    await until(async () => (await newest()).endsWith(' pending-upgrade'), 'helm is at work');
    await expect(deployed.target().observe(quiet())).rejects.toMatchObject({
      fault: 'request',
      code: 'release-pending',
    });
    await expect(swapTo()).rejects.toMatchObject({ fault: 'unknown', code: 'release-pending' });
    await other;
  });

  test('what is edited after the plan is not shipped', async () => {
    await arrange();
    const file = join(deployed.directory, 'chart', 'templates', 'web.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('replicas: 1', 'replicas: 2'));
    await expect(swapTo()).rejects.toMatchObject({
      fault: 'request',
      code: 'inputs-changed',
      message: expect.stringContaining(file) as unknown,
    });
    const source = { from: 'registry' } as const;
    const fetched = deployed.target().fetch(pins.to, source, pins.from, quiet());
    await expect(fetched).rejects.toMatchObject({ code: 'inputs-changed' });
    expect(await deployed.history()).toEqual(['1 deployed']);
    await deployed.target().claim(claimOf('run', pins));
    await expect(swapTo()).rejects.toMatchObject({ code: 'inputs-changed' });
    await writeFile(file, text);
    await swapTo();
    expect(await deployed.serving()).toBe('2');
  });

  describe('kill -9', () => {
    beforeEach(() => arrange('2', { templates: { 'slow.yaml': SLOW_HOOK } }));

    test.each(['helm', 'the worker'])('of %s in an upgrade, then on', async (victim) => {
      await killDuringUpgrade(victim);
      expect((await deployed.history()).at(-1)).toMatch(/ pending-upgrade$/);
      await swapTo();
      expect(await deployed.serving()).toBe('2');
      expect((await deployed.target().readClaim())?.children).toEqual([]);
    });

    test('of helm in an upgrade, then back', async () => {
      await killDuringUpgrade('helm');
      await swapBack();
      await expectBack();
    });

    async function killDuringUpgrade(victim: string): Promise<void> {
      if (victim === 'helm') {
        const swapping = swapTo().catch((error: unknown) => error);
        process.kill(-(await untilHelmRuns(deployed)), 'SIGKILL');
        expect(await swapping).toMatchObject({ fault: 'environment', code: 'helm-interrupted' });
        return;
      }
      const script = new URL('swap-worker.ts', import.meta.url).pathname;
      const argv = [script, JSON.stringify(deployed.settings), JSON.stringify(pins.to), 'run'];
      const worker = spawn(process.execPath, argv, { stdio: ['ignore', 'inherit', 'inherit'] });
      const exited = once(worker, 'exit');
      const helm = await untilHelmRuns(deployed);
      worker.kill('SIGKILL');
      await exited;
      // The orphan goes on by itself; here it is killed too, as by a reboot.
      process.kill(-helm, 'SIGKILL');
    }
  });
});

/** Room to kill in. */
const SLOW_HOOK = `apiVersion: batch/v1
kind: Job
metadata:
  name: slow
  annotations: {helm.sh/hook: pre-upgrade, helm.sh/hook-delete-policy: before-hook-creation}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: slow, image: "${REPOSITORY}:1", command: [sleep, "6"]}]}}}
`;

/** The process group of the changing helm of this release, once the release is pending: it takes a moment to render. */
async function untilHelmRuns({ directory, history }: HelmDeployed): Promise<number> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      if (!line.includes(directory) || !line.includes('\0--description\0')) continue;
      while (!(await history()).at(-1)?.endsWith(' pending-upgrade') && Date.now() < deadline)
        await sleep(50);
      return Number(pid);
    }
    await sleep(20);
  }
  throw new Error('helm was never seen');
}
