/**
 * Inside the cluster's namespaces: starts the parts in their order, answers DNS, leads the node's
 * 127.0.0.1:5000 to the host's registry, and says when the cluster serves.
 *
 *   node main.ts ROOT INDEX
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { addressesOf, nodeName } from '../addresses.ts';
import { keyPair, makeCertificates, renderKubeconfig } from '../certificates.ts';
import { apiUrl, etcdUrl, partArguments } from '../commands.ts';
import { containerdSocket, pauseImage, renderConfiguration } from '../configuration.ts';
import { execute } from '../execute.ts';
import { writeFacts } from '../facts.ts';
import { openGate } from '../gate.ts';
import { partNames } from '../parts.ts';
import type { PartName } from '../parts.ts';
import { kubePlace } from '../place.ts';
import { findPrograms } from '../programs.ts';
import { Api } from './api.ts';
import { serveControl } from './control.ts';
import { readQuestion, writeAnswer } from './dns-message.ts';
import { createPauseImage } from './pause.ts';
import { ServiceNames } from './service-names.ts';
import { Supervisor } from './supervisor.ts';

const REGISTRY_PORT = 5000;
const SERVES_WITHIN_MS = 90_000;
const POLL_MS = 50;

const place = kubePlace(process.argv[2]);
const addresses = addressesOf(Number(process.argv[3]));
const programs = findPrograms();
await makeCertificates(place.certificates, addresses);
writeConfiguration();
const args = partArguments(place, addresses);
const supervisor = new Supervisor<PartName>(specsOfParts(), place.logs);
const admin = keyPair(place.certificates, 'admin');
const api = new Api(apiUrl(addresses), keyPair(place.certificates, 'ca').certificate, admin);

await openGate({ host: '127.0.0.1', port: REGISTRY_PORT }, { path: place.registrySocket });
await bringUp();
await answerNames();
await serveControl(place.controlSocket, supervisor, untilServes);
const { gitVersion } = z
  .object({ gitVersion: z.string() })
  .parse(JSON.parse((await api.read('/version')) ?? ''));
writeFacts(place.ready, {
  kubeconfig: place.kubeconfig,
  nodeName,
  nodeAddress: addresses.node,
  hostAddress: addresses.host,
  version: gitVersion,
});

function specsOfParts(): Record<PartName, { program: string; args: readonly string[] }> {
  const specs = partNames.map((name) => [
    name,
    { program: programs.parts[name], args: args[name] },
  ]);
  return Object.fromEntries(specs) as Record<PartName, { program: string; args: string[] }>;
}

function writeConfiguration(): void {
  const files = renderConfiguration(place, addresses, programs);
  for (const [name, text] of Object.entries(files)) {
    const file = join(place.configuration, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const kubeconfig = (name: Parameters<typeof renderKubeconfig>[1]): string =>
    renderKubeconfig(place.certificates, name, apiUrl(addresses));
  const clients = ['kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet'] as const;
  for (const name of clients) {
    const file = join(place.configuration, `${name}.kubeconfig`);
    writeFileSync(file, kubeconfig(name), { mode: 0o600 });
  }
  writeFileSync(place.kubeconfig, kubeconfig('admin'), { mode: 0o600 });
}

/** etcd before the API server, that before the rest: each only logs errors until then. */
async function bringUp(): Promise<void> {
  supervisor.start('etcd');
  supervisor.start('containerd');
  await untilServes('etcd');
  supervisor.start('kube-apiserver');
  await untilServes('containerd');
  await importPause();
  await untilServes('kube-apiserver');
  for (const name of partNames) supervisor.start(name);
  await until('the node', async () =>
    isNodeReady((await api.read(`/api/v1/nodes/${nodeName}`)) ?? ''),
  );
  const account = '/api/v1/namespaces/default/serviceaccounts/default';
  await until('the default ServiceAccount', async () => (await api.read(account)) !== undefined);
}

async function importPause(): Promise<void> {
  const archive = '/run/pause.tar';
  const busybox = process.env['BELAY_BUSYBOX'] ?? '/bin/busybox';
  writeFileSync(archive, await createPauseImage(pauseImage, busybox));
  await execute(programs.ctr, ...ctrArguments('images', 'import', archive));
}

function ctrArguments(...command: readonly string[]): readonly string[] {
  return ['--address', containerdSocket, '--namespace', 'k8s.io', ...command];
}

function isNodeReady(text: string): boolean {
  if (text === '') return false;
  const condition = z.object({ type: z.string(), status: z.string() });
  const node = z.object({ status: z.object({ conditions: z.array(condition).optional() }) });
  const { conditions = [] } = node.parse(JSON.parse(text)).status;
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** Waits until a part that was started does its work; of the others nothing can be asked. */
async function untilServes(part: PartName): Promise<void> {
  const answers = async (url: string): Promise<boolean> => (await fetch(url)).ok;
  if (part === 'etcd') await until(part, () => answers(`${etcdUrl}/health`));
  if (part === 'kubelet') await until(part, () => answers('http://127.0.0.1:10248/healthz'));
  if (part === 'kube-apiserver') {
    await until(part, async () => (await api.read('/readyz')) !== undefined);
  }
  if (part === 'containerd') {
    await until(part, async () => (await execute(programs.ctr, ...ctrArguments('version'))) !== '');
  }
}

/** @throws Error with the last reason when `what` does not come to be in time. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + SERVES_WITHIN_MS;
  let last: unknown;
  while (!(await isSo().catch((error: unknown) => ((last = error), false)))) {
    if (Date.now() > deadline) {
      throw new Error(`${what} is not there; see ${place.logs}`, { cause: last });
    }
    await sleep(POLL_MS);
  }
  console.log(`${(performance.now() / 1000).toFixed(2)} s: ${what}`);
}

/** Pods find this on the node's address, which the kubelet writes into their resolv.conf. */
async function answerNames(): Promise<void> {
  const names = new ServiceNames((path) => api.read(path));
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const question = readQuestion(message);
    if (question === undefined) return;
    void names.resolve(question.name).then((resolution) => {
      socket.send(writeAnswer(question, resolution), from.port, from.address);
    });
  });
  socket.bind(53, addresses.node);
  await once(socket, 'listening');
}
