/**
 * One-off commands: a Job with the image and configuration of a workload's pod.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Container, V1Job, V1Pod, V1PodTemplateSpec } from '@kubernetes/client-node';
import type { ActContext, Output, RunOptions } from '../domain/act.ts';
import { failure } from '../domain/errors.ts';
import { redact } from '../process/redact.ts';
import type { Cluster } from './cluster.ts';
import { asked, found } from './failures.ts';
import { podTrouble } from './rollout/pod-trouble.ts';

/** What the Job is made from. */
export interface OneOff {
  /** Of the deployment and component: a Job that a killed worker left has the same name and is removed first. */
  readonly name: string;
  readonly template: V1PodTemplateSpec;
  readonly container: string;
}

const LABEL = 'belay.dev/one-off';
const POLL_MS = 500;
/** A node that does not answer keeps its pods in the API (ms). */
const REMOVE_MS = 30_000;
/** A Job that nobody removed is removed by the cluster (seconds). */
const KEEP_S = 600;

/**
 * Runs `argv` in a pod of its own and removes it. Logs are one stream on a cluster: what went to stderr is in `stdout`.
 *
 * @throws BelayError `command-timeout` (environment); a pod that can't start, by whose fault.
 */
export async function runOneOff(
  cluster: Cluster,
  oneOff: OneOff,
  argv: readonly string[],
  options: RunOptions,
  context: ActContext,
): Promise<Output> {
  if (options.stdinFile !== undefined)
    throw failure(
      'request',
      'one-off-stdin',
      'A one-off command on a cluster can’t be given a file as stdin',
      'Run it inside a container',
    );
  const name = jobName(oneOff.name);
  await removeJob(cluster, name);
  const deadline = Date.now() + options.timeoutMs;
  try {
    await createSecret(cluster, name, options.env ?? {});
    await asked(
      `creating Job/${name}`,
      cluster.batch.createNamespacedJob({
        namespace: cluster.namespace,
        body: jobOf(name, oneOff, argv, options),
      }),
    );
    const ended = await untilEnded(
      cluster,
      name,
      oneOff.container,
      argv,
      deadline,
      options,
      context,
    );
    const log = await logOf(cluster, ended.pod, oneOff.container);
    if (options.stdoutFile !== undefined) await writeFile(options.stdoutFile, log, { mode: 0o600 });
    return {
      exitCode: ended.exitCode,
      stdout: options.stdoutFile === undefined ? log : '',
      stderr: '',
    };
  } catch (error) {
    context.signal.throwIfAborted();
    throw error;
  } finally {
    await removeJob(cluster, name);
  }
}

/** A name within 63 characters, the same each time. */
function jobName(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 10);
  return `belay-run-${name.slice(0, 40).replaceAll(/[^a-z0-9-]/g, '-')}-${hash}`;
}

async function createSecret(
  { core, namespace }: Cluster,
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  if (Object.keys(env).length === 0) return;
  const body = { metadata: { name, labels: { [LABEL]: name } }, stringData: { ...env } };
  await asked(`creating Secret/${name}`, core.createNamespacedSecret({ namespace, body }));
}

function jobOf(
  name: string,
  { template, container }: OneOff,
  argv: readonly string[],
  { env = {}, timeoutMs }: RunOptions,
): V1Job {
  const own = template.spec?.containers.find((each) => each.name === container);
  const labels = { [LABEL]: name };
  return {
    metadata: { name, labels },
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: KEEP_S,
      activeDeadlineSeconds: Math.ceil(timeoutMs / 1_000) + 60,
      template: {
        // Not the application's labels: its Service must not send it requests.
        metadata: { labels, annotations: template.metadata?.annotations ?? {} },
        spec: {
          ...template.spec,
          restartPolicy: 'Never',
          containers: own ? [commandContainer(own, name, argv, Object.keys(env))] : [],
        },
      },
    },
  };
}

function commandContainer(
  own: V1Container,
  secret: string,
  argv: readonly string[],
  names: readonly string[],
): V1Container {
  const {
    ports: _p,
    livenessProbe: _l,
    readinessProbe: _r,
    startupProbe: _s,
    lifecycle: _c,
    ...rest
  } = own;
  const kept = (rest.env ?? []).filter(({ name }) => !names.includes(name));
  return {
    ...rest,
    command: [...argv],
    args: [],
    env: [
      ...kept,
      ...names.map((name) => ({ name, valueFrom: { secretKeyRef: { name: secret, key: name } } })),
    ],
  };
}

async function untilEnded(
  cluster: Cluster,
  name: string,
  container: string,
  argv: readonly string[],
  deadline: number,
  { timeoutMs }: RunOptions,
  { signal }: ActContext,
): Promise<{ readonly pod: string; readonly exitCode: number }> {
  let troubledSinceMs: number | undefined;
  for (;;) {
    const pod = await podOf(cluster, name);
    const status = pod?.status?.containerStatuses?.find((each) => each.name === container);
    const ended = status?.state?.terminated;
    if (ended) return { pod: pod?.metadata?.name ?? '', exitCode: ended.exitCode };
    const trouble = pod && podTrouble(pod, Number.POSITIVE_INFINITY);
    troubledSinceMs = trouble ? (troubledSinceMs ?? Date.now()) : undefined;
    if (trouble?.tolerance === 'at-once' && Date.now() - (troubledSinceMs ?? 0) > 2 * POLL_MS)
      throw failure(
        trouble.fault,
        trouble.code,
        trouble.text,
        'See the image and its configuration',
      );
    if (Date.now() > deadline)
      throw failure(
        'environment',
        'command-timeout',
        `${argv[0] ?? ''} in Job/${name} did not end within ${timeoutMs / 1000} s${trouble ? `: ${trouble.text}` : ''}`,
        'See what it waits for, or give it more time',
      );
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function podOf({ core, namespace }: Cluster, name: string): Promise<V1Pod | undefined> {
  const labelSelector = `${LABEL}=${name}`;
  const { items } = await asked(
    `looking for the pod of Job/${name}`,
    core.listNamespacedPod({ namespace, labelSelector }),
  );
  return items[0];
}

async function logOf(
  { core, namespace }: Cluster,
  pod: string,
  container: string,
): Promise<string> {
  return asked(
    `reading the log of ${redact(pod)}`,
    core.readNamespacedPodLog({ name: pod, namespace, container }),
  );
}

/** Ends its pod at once and waits until all of it is gone; nothing there is fine. */
async function removeJob(cluster: Cluster, name: string): Promise<void> {
  const { batch, core, namespace } = cluster;
  const body = { propagationPolicy: 'Background' };
  const removed = await found(
    `removing Job/${name}`,
    batch.deleteNamespacedJob({ name, namespace, body }),
  );
  await found(`removing Secret/${name}`, core.deleteNamespacedSecret({ name, namespace }));
  if (!removed) return;
  const deadline = Date.now() + REMOVE_MS;
  // Gone from the API is gone from the node: a grace of 0 would forget it there.
  while (Date.now() < deadline) {
    const pod = await podOf(cluster, name);
    const podName = pod?.metadata?.name;
    if (podName === undefined) return;
    await found(
      `removing ${podName}`,
      core.deleteNamespacedPod({ name: podName, namespace, gracePeriodSeconds: 1 }),
    );
    await sleep(POLL_MS / 5);
  }
}
