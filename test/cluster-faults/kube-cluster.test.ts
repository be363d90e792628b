/** The test cluster itself: what the other suites rely on, and that it leaves nothing behind. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ensureCluster, findCluster, stopCluster } from '../../scripts/kube/cluster.ts';
import type { KubeCluster } from '../../scripts/kube/cluster.ts';
import { cgroupMounts } from '../../scripts/kube/cgroups.ts';
import { readFacts, tracesSchema } from '../../scripts/kube/facts.ts';
import { readParts, startPart, stopPart } from '../../scripts/kube/parts.ts';
import { kubePlace } from '../../scripts/kube/place.ts';
import { mustRun, run } from '../../scripts/stack/site.ts';
import { programs } from '../stack/cluster.ts';
import { until } from '../stack/until.ts';

const IMAGE = '127.0.0.1:5000/atlasai/tenant-plane:1.2.2';
const SERVICE = 'web-of-the-cluster-test';
let state: string;
let before: Traces;
let cluster: KubeCluster;
/** The control group of its pods. One that a killed run left behind may have had the name before. */
let group: string;

/** What the host could see of the cluster; of others, that come and go meanwhile, it holds nothing. */
interface Traces {
  readonly rules: readonly string[];
  readonly mounts: readonly string[];
  readonly devices: readonly string[];
  readonly groups: readonly string[];
  readonly tunables: readonly string[];
}

async function traces(): Promise<Traces> {
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8');
  const groups = await Promise.all(cgroupMounts(mountinfo).map((mount) => readdir(mount)));
  const names = ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops'];
  const ours = [state, 'belay-k', 'belay-node', 'pods0', `name: \\"belay\\"`, SERVICE, 'CANARY'];
  const select = (text: string) =>
    text.split('\n').filter((line) => ours.some((mark) => line.includes(mark)));
  return {
    rules: select((await mustRun(['iptables-save'])).replaceAll(/\[\d+:\d+\]/g, '')),
    mounts: select(mountinfo),
    devices: select(await mustRun(['ip', '-brief', 'link', 'show'])),
    groups: groups.flat().filter((name) => name.startsWith('belay-kube-')),
    tunables: await Promise.all(names.map((name) => readFile(`/proc/sys/${name}`, 'utf8'))),
  };
}

function added(before: readonly string[], after: readonly string[]): readonly string[] {
  return after.filter((line) => !before.includes(line));
}

function kubectl(...args: readonly string[]): Promise<string> {
  return mustRun([programs.kubectl, '--kubeconfig', cluster.kubeconfig, ...args]);
}

/** Runs JavaScript in a pod of its own and answers what it printed. */
async function inPod(name: string, script: string): Promise<string> {
  const phase = () => kubectl('get', 'pod', name, '-o', 'jsonpath={.status.phase}');
  await kubectl(
    'run',
    name,
    '--image',
    IMAGE,
    '--restart=Never',
    '--command',
    '--',
    'node',
    '-e',
    script,
  );
  await until(async () => ['Succeeded', 'Failed'].includes(await phase()), `${name} ends`, 60_000);
  return kubectl('logs', name);
}

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'belay-kube-'));
  vi.stubEnv('XDG_STATE_HOME', state);
  before = await traces();
  cluster = await ensureCluster();
  group = readFacts(kubePlace().traces, tracesSchema)?.cgroup ?? '';
});

afterAll(async () => {
  await stopCluster();
  vi.unstubAllEnvs();
  await rm(state, { recursive: true, force: true });
});

test('a second up finds the cluster that runs', async () => {
  expect(cluster.startedNow).toBe(true);
  expect(await ensureCluster()).toEqual({ ...cluster, startedNow: false });
});

test('images are pulled from the registry of the stack, by their digest', async () => {
  expect(await inPod('pulls', 'console.log(process.version)')).toMatch(/^v\d+/);
  const id = 'jsonpath={.status.containerStatuses[0].imageID}';
  expect(await kubectl('get', 'pod', 'pulls', '-o', id)).toMatch(
    /^127\.0\.0\.1:5000\/atlasai\/tenant-plane@sha256:[0-9a-f]{64}$/,
  );
});

test.each([
  ['missing', '127.0.0.1:5000/atlasai/tenant-plane:9.9.9', 'not found'],
  ['elsewhere', 'registry.example/app:1', 'no such host'],
])('an image that is %s fails at once', async (name, image, why) => {
  await kubectl('run', name, '--image', image, '--restart=Never');
  const message = 'jsonpath={.status.containerStatuses[0].state.waiting.message}';
  const said = () => kubectl('get', 'pod', name, '-o', message);
  await until(async () => (await said()).includes(why), `${name} is refused`, 10_000);
});

test('pods find Services by their names, and nothing outside', async () => {
  await kubectl(
    'run',
    'web',
    '--image',
    IMAGE,
    '--port=8080',
    '--command',
    '--',
    'node',
    '-e',
    `require('http').createServer((_, a) => a.end('web')).listen(8080)`,
  );
  await kubectl('expose', 'pod', 'web', '--name', SERVICE, '--port=80', '--target-port=8080');
  await kubectl('expose', 'pod', 'web', '--name=heads', '--port=8080', '--cluster-ip=None');
  await kubectl('wait', 'pod/web', '--for=condition=Ready', '--timeout=60s');
  const told = await inPod(
    'asks',
    `const ask = (url) => fetch(url).then((a) => a.text(), (e) => e.cause.code);
     (async () => { for (const url of ['http://${SERVICE}', 'http://${SERVICE}.default.svc.cluster.local',
       'http://heads:8080', 'http://nobody', 'http://registry.example', 'http://198.51.100.7'])
       console.log(await ask(url)) })()`,
  );
  expect(told.trim().split('\n')).toEqual([
    ...['web', 'web', 'web'],
    ...['ENOTFOUND', 'ENOTFOUND', 'ENETUNREACH'],
  ]);
});

test('a NodePort answers on the node address, and the API proxies to pods', async () => {
  await kubectl('expose', 'pod', 'web', '--name=outside', '--type=NodePort', '--port=8080');
  const port = await kubectl('get', 'svc', 'outside', '-o', 'jsonpath={.spec.ports[0].nodePort}');
  const answer = async () => {
    const response = await fetch(`http://${cluster.nodeAddress}:${port}`);
    return (await response.text()) === 'web';
  };
  await until(() => answer().catch(() => false), 'the NodePort answers', 10_000);
  expect(await kubectl('get', '--raw', '/api/v1/namespaces/default/pods/web/proxy/')).toBe('web');
});

test('the host sees the link and the group of the pods, and no rule, mount or setting', async () => {
  const { rules, mounts, tunables, groups, devices } = await traces();
  expect(added(before.rules, rules)).toEqual([]);
  expect(added(before.mounts, mounts)).toEqual([]);
  expect(tunables).toEqual(before.tunables);
  expect(devices.length).toBe(before.devices.length + 1);
  expect(groups).toContain(group);
});

test('a part that is stopped stays away until it is started', async () => {
  await stopPart('kube-apiserver', 'SIGKILL');
  expect(await readParts()).toMatchObject({ 'kube-apiserver': false, etcd: true });
  await expect(kubectl('get', 'nodes')).rejects.toThrow(/refused/);
  await startPart('kube-apiserver');
  expect(await kubectl('get', 'nodes')).toContain(cluster.nodeName);
});

test('a node without its kubelet is not ready', async () => {
  await stopPart('kubelet');
  const ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  const status = () => kubectl('get', 'node', cluster.nodeName, '-o', ready);
  await until(async () => (await status()) === 'Unknown', 'the node is given up', 60_000);
  await startPart('kubelet');
  await until(async () => (await status()) === 'True', 'the node is back', 30_000);
});

test('a cluster that was killed leaves nothing that down does not remove', async () => {
  const inside = await run(['pgrep', '--full', join(state, 'belay-dev')]);
  expect(inside.stdout.trim().split('\n').length).toBeGreaterThan(5);
  process.kill(cluster.pid, 'SIGKILL');
  const gone = async () => (await run(['pgrep', '--full', join(state, 'belay-dev')])).stdout === '';
  await until(gone, 'every process of the cluster has ended', 20_000);
  expect(findCluster()).toBeUndefined();
  await stopCluster();
  const { rules, mounts, devices, groups } = await traces();
  expect(added(before.rules, rules)).toEqual([]);
  expect(added(before.mounts, mounts)).toEqual([]);
  expect(devices.length).toBe(before.devices.length);
  expect(groups).not.toContain(group);
  expect(await readdir(join(state, 'belay-dev', 'kube'))).toEqual(['log']);
});
