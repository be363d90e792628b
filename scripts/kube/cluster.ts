import { mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { daemonLog, findDaemon, startDaemon, stopDaemon } from '../stack/daemon.ts';
import { dockerdEnvironment } from '../stack/dockerd-environment.ts';
import { withStackLock } from '../stack/lock.ts';
import { isRunning } from '../stack/process-identity.ts';
import { removeCgroup } from './cgroups.ts';
import { clusterFactsSchema, readFacts, tracesSchema } from './facts.ts';
import type { ClusterFacts } from './facts.ts';
import { removeLink } from './link.ts';
import { kubePlace } from './place.ts';
import { findPrograms } from './programs.ts';

const NAME = 'kube';
const READY_WITHIN_MS = 120_000;
const ENDED_WITHIN_MS = 20_000;
const POLL_MS = 50;

/** A cluster that serves. */
export interface KubeCluster extends ClusterFacts {
  /** Whether this very call started it; whoever did may stop it when done. */
  readonly startedNow: boolean;
  /** Process number of the part that stays on the host. */
  readonly pid: number;
  /** Where its parts write what they say. */
  readonly logs: string;
}

/**
 * Finds the cluster that runs, or starts an empty one in network, mount and process namespaces of
 * its own. It goes on running after this process; {@link stopCluster} ends it.
 *
 * @throws Error with the remedy when a program is missing, this user is not root, or it does not
 *   come up.
 */
export function ensureCluster(): Promise<KubeCluster> {
  return withStackLock(async () => {
    const running = findCluster();
    if (running !== undefined) return running;
    refuseImpossible();
    findPrograms();
    await clearAway();
    const place = kubePlace();
    for (const directory of [place.configuration, place.logs, place.etcdData]) {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    }
    await startDaemon({
      name: NAME,
      program: process.execPath,
      args: [fileURLToPath(new URL('host.ts', import.meta.url)), place.root],
      env: await environment(),
      isReady: () => Promise.resolve(readFacts(place.ready, clusterFactsSchema) !== undefined),
      readyWithinMs: READY_WITHIN_MS,
      remedy: 'sh scripts/setup node',
    });
    const started = findCluster();
    if (started === undefined) throw new Error(`the cluster ended; see ${daemonLog(NAME)}`);
    return { ...started, startedNow: true };
  });
}

/** The cluster that runs, without starting any. */
export function findCluster(): KubeCluster | undefined {
  const daemon = findDaemon(NAME);
  const place = kubePlace();
  const facts = readFacts(place.ready, clusterFactsSchema);
  if (daemon === undefined || facts === undefined) return undefined;
  return { ...facts, startedNow: false, pid: daemon.pid, logs: place.logs };
}

/**
 * Ends the cluster with everything in it, and takes away what it made on this machine, also after
 * it was killed; logs stay. Returns whether there was one to end.
 */
export function stopCluster(): Promise<boolean> {
  return withStackLock(async () => {
    const stopped = await stopDaemon(NAME, { signal: 'SIGTERM', withinMs: ENDED_WITHIN_MS });
    await clearAway();
    return stopped;
  });
}

/** What is left of an earlier cluster, whose processes the kernel has ended or is ending. */
async function clearAway(): Promise<void> {
  const place = kubePlace();
  const traces = readFacts(place.traces, tracesSchema);
  if (traces !== undefined) {
    const deadline = Date.now() + ENDED_WITHIN_MS;
    while (traces.front !== undefined && isRunning(traces.front)) {
      if (Date.now() > deadline) {
        throw new Error(`process ${traces.front.pid} of the old cluster does not end`);
      }
      await sleep(POLL_MS);
    }
    await removeCgroup(traces.cgroup);
    await removeLink(traces.device);
  }
  const { etcdData, kubeletRoot, containerdRoot, certificates, configuration } = place;
  const files = [place.ready, place.kubeconfig, place.registrySocket, place.controlSocket];
  const folders = [etcdData, kubeletRoot, containerdRoot, certificates, configuration];
  for (const path of [...files, ...folders]) rmSync(path, { recursive: true, force: true });
  // Last, for until then something may be left that it names.
  rmSync(place.traces, { force: true });
}

/** @throws Error when a cluster cannot be made here. */
function refuseImpossible(): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error('the test cluster makes namespaces of its own, which takes Linux and root');
  }
  const { root } = kubePlace();
  if (resolve(root).startsWith('/run/')) {
    throw new Error(
      `the cluster covers /run, so its state cannot be in ${root}: set XDG_STATE_HOME`,
    );
  }
}

/** Where `findPrograms` and the pause image look; the caller's other variables stay with it. */
const PASSED_ON = [
  'BELAY_KUBERNETES',
  'BELAY_ETCD_BIN',
  'BELAY_CONTAINERD_BIN',
  'BELAY_RUNC_BIN',
  'BELAY_CNI_PLUGINS',
  'BELAY_BUSYBOX',
];

/** With the PATH that has an iptables which this kernel understands. */
async function environment(): Promise<Record<string, string>> {
  const env = await dockerdEnvironment();
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
