/**
 * The part of a cluster that stays on the host: makes the namespaces and the link to them, and
 * carries the node's registry connections. When it ends, however it ends, so does the cluster.
 *
 *   node host.ts ROOT
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { identifyProcess } from '../stack/process-identity.ts';
import { serviceRange } from './addresses.ts';
import type { Addresses } from './addresses.ts';
import { makeCgroup } from './cgroups.ts';
import { cgroupOf } from './configuration.ts';
import { writeFacts } from './facts.ts';
import { openGate } from './gate.ts';
import { findAddresses, makeLink } from './link.ts';
import { kubePlace } from './place.ts';

const REGISTRY = { host: '127.0.0.1', port: 5000 };
const NAMESPACES_WITHIN_MS = 10_000;

const place = kubePlace(process.argv[2]);
const addresses = await findAddresses();
const traces = { device: addresses.device, cgroup: cgroupOf(addresses) };
writeFacts(place.traces, traces);
makeCgroup(traces.cgroup);
await openGate({ path: place.registrySocket }, REGISTRY);

const front = enterNamespaces(addresses);
const pid = front.pid ?? 0;
const identity = identifyProcess(pid);
writeFacts(place.traces, identity === undefined ? traces : { ...traces, front: identity });
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => front.kill('SIGKILL'));
const ended = once(front, 'exit');
await waitForNamespace(pid);
await makeLink(addresses, pid);
front.stdin?.end('go\n');
await ended;
process.exit(0);

/**
 * Kill signals pass down the chain: `setpriv` has the kernel kill `unshare` when this process ends,
 * `unshare` has it kill the first process inside, and with that one everything there ends.
 */
function enterNamespaces({ index, node, prefix }: Addresses): ChildProcess {
  const inside = [process.execPath, fileURLToPath(new URL('node/main.ts', import.meta.url))];
  const init = fileURLToPath(new URL('node/init.sh', import.meta.url));
  const unshare = ['unshare', '--net', '--mount', '--pid', '--fork', '--kill-child=SIGKILL'];
  return spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', '--', ...unshare, '--mount-proc'],
      ...['sh', init, place.root, `${node}/${prefix}`, serviceRange],
      ...[...inside, place.root, String(index)],
    ],
    { stdio: ['pipe', 'inherit', 'inherit'], cwd: '/' },
  );
}

/** Until then its network is still the host's, and a device moved to it would stay here. */
async function waitForNamespace(pid: number): Promise<void> {
  const network = (of: number | 'self'): string => readlinkSync(`/proc/${of}/ns/net`);
  const deadline = Date.now() + NAMESPACES_WITHIN_MS;
  while (network(pid) === network('self')) {
    if (Date.now() > deadline) throw new Error('no network namespace was made');
    await sleep(10);
  }
}
