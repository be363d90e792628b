/** The test cluster, for the suites that need one. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { findCluster } from '../../scripts/kube/cluster.ts';
import type { KubeCluster } from '../../scripts/kube/cluster.ts';
import { startPart, stopPart } from '../../scripts/kube/parts.ts';
import type { PartName } from '../../scripts/kube/parts.ts';

/** Paths of the programs that the tests themselves use; set-up provides them. */
export const programs = {
  kubectl: process.env['BELAY_KUBECTL'] ?? 'kubectl',
  helm3: process.env['BELAY_HELM3'] ?? 'helm',
  helm4: process.env['BELAY_HELM4'] ?? 'helm4',
};

/** The kubeconfig of the cluster that the global set-up brought up. */
export function kubeconfig(): string {
  const path = process.env['BELAY_TEST_KUBECONFIG'];
  if (path === undefined)
    throw new Error('no test cluster: is test/stack/kube-setup.ts a global set-up?');
  return path;
}

/** Runs a program against the test cluster. @throws Error with what it said when it fails. */
export async function onCluster(argv: readonly string[], input?: string): Promise<string> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, KUBECONFIG: kubeconfig() },
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [out, err, [code]] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    closed,
    pipeline(Readable.from(input === undefined ? [] : [input]), child.stdin).catch(() => undefined),
  ]);
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${err.toString()}`);
  return out.toString();
}

/** `kubectl` in a namespace. */
export function kubectl(namespace: string, ...args: readonly string[]): Promise<string> {
  return onCluster([programs.kubectl, '--namespace', namespace, ...args]);
}

/** Applies YAML in a namespace. */
export function apply(namespace: string, yaml: string): Promise<string> {
  return onCluster([programs.kubectl, '--namespace', namespace, 'apply', '--filename', '-'], yaml);
}

/** A namespace of one test's own. */
export async function newNamespace(): Promise<{
  readonly name: string;
  readonly remove: () => Promise<void>;
}> {
  const name = `belay-${randomBytes(4).toString('hex')}`;
  await onCluster([programs.kubectl, 'create', 'namespace', name]);
  return {
    name,
    remove: async () => {
      await onCluster([programs.kubectl, 'delete', 'namespace', name, '--wait=false']);
    },
  };
}

/** Addresses and files of the cluster. @throws Error when it is not the one of scripts/kube.ts. */
export function clusterOf(): KubeCluster {
  const cluster = findCluster();
  if (cluster === undefined || cluster.kubeconfig !== kubeconfig()) {
    throw new Error(`${kubeconfig()} is not of scripts/kube.ts: its parts cannot be stopped`);
  }
  return cluster;
}

/** Runs `act` while a part of the cluster is away, and brings the part back whatever happens. */
export async function without<T>(
  part: PartName,
  act: () => Promise<T>,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL',
): Promise<T> {
  clusterOf();
  await stopPart(part, signal);
  try {
    return await act();
  } finally {
    await startPart(part);
  }
}
