/**
 * Evidence of a cluster: logs, events and objects, before a rollback destroys them.
 */
import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import { stringify } from 'yaml';
import type { ActContext } from '../domain/act.ts';
import type { Evidence } from '../domain/target.ts';
import { orWhyNot, writeEvidence, type Piece } from '../process/write-evidence.ts';
import type { Cluster } from './cluster.ts';
import { asked } from './failures.ts';
import { listOwned, type PodsByWorkload } from './instances.ts';
import { maskObject, rememberPodSecrets } from './secrets.ts';
import { readPresent, type WorkloadRef } from './workloads.ts';

const LOG_LINES = 2_000;
const LOG_BYTES = 4 * 1024 * 1024;
const MAX_EVENTS = 1_000;

/**
 * Writes logs of every container of the workloads' pods (those going away too, and those before a restart), events and
 * objects into `directory`; `more` are pieces of the caller's own, asked for while nothing has changed yet.
 */
export async function collectCluster(
  cluster: Cluster,
  refs: readonly WorkloadRef[],
  directory: string,
  { signal, progress }: ActContext,
  more: () => Promise<readonly Piece[]> = () => Promise.resolve([]),
): Promise<Evidence[]> {
  // One that somebody deleted must not cost the evidence of the others.
  const workloads = await readPresent(cluster, refs);
  const { pods: byWorkload, sets } = await listOwned(cluster, workloads);
  const uids = new Set(workloads.map(({ uid }) => uid));
  const ownSets = sets.filter(({ metadata }) =>
    metadata?.ownerReferences?.some(({ uid }) => uids.has(uid)),
  );
  const pods = [...byWorkload.values()].flat();
  const unread = await rememberPodSecrets(cluster, pods);
  const pieces: Piece[] = [
    { name: 'pods.txt', text: describePods(byWorkload) },
    { name: 'events.txt', text: await orWhyNot(() => readEvents(cluster)) },
    { name: 'pods.yaml', text: stringify(pods.map(maskObject)) },
    { name: 'replica-sets.yaml', text: stringify(ownSets.map(maskObject)) },
    {
      name: 'workloads.yaml',
      text: stringify(
        workloads.map(({ ref, metadata, template }) => maskObject({ ref, metadata, template })),
      ),
    },
  ];
  for (const pod of pods) {
    signal.throwIfAborted();
    progress({ step: 'collect', detail: pod.metadata?.name ?? '' });
    pieces.push(...(await logsOf(cluster, pod)));
  }
  pieces.push(...(await more()));
  if (unread.length > 0)
    pieces.push({
      name: 'not-redacted.txt',
      text: `These Secrets could not be read, so what they hold is not masked in the logs: ${unread.join(', ')}\n`,
    });
  return writeEvidence(directory, pieces);
}

/** Logs of every container of a pod, and of each before its last restart. */
export async function logsOf(cluster: Cluster, pod: V1Pod): Promise<Piece[]> {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const name = pod.metadata?.name ?? '';
  const pieces: Piece[] = [];
  for (const { name: container, restartCount } of [
    ...initContainerStatuses,
    ...containerStatuses,
  ]) {
    const read = (previous: boolean) =>
      orWhyNot(async () => readLog(cluster, name, container, previous));
    pieces.push({ name: `${name}.${container}.log`, text: await read(false) });
    if (restartCount > 0)
      pieces.push({ name: `${name}.${container}.previous.log`, text: await read(true) });
  }
  return pieces;
}

async function readLog(
  { core, namespace }: Cluster,
  name: string,
  container: string,
  previous: boolean,
): Promise<string> {
  return asked(
    `reading the log of ${container} in ${name}`,
    core.readNamespacedPodLog({
      name,
      namespace,
      container,
      previous,
      timestamps: true,
      tailLines: LOG_LINES,
      limitBytes: LOG_BYTES,
    }),
  );
}

async function readEvents({ core, namespace }: Cluster): Promise<string> {
  const { items } = await asked(
    `listing the events of ${namespace}`,
    core.listNamespacedEvent({ namespace }),
  );
  return items
    .toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)))
    .slice(-MAX_EVENTS)
    .map((event) => {
      const { type, reason, message, count, involvedObject } = event;
      const times = count !== undefined && count > 1 ? ` (${count} times)` : '';
      return `${timeOf(event)} ${type ?? ''} ${involvedObject.kind ?? ''}/${involvedObject.name ?? ''} ${reason ?? ''}${times}: ${message ?? ''}\n`;
    })
    .join('');
}

function timeOf({ lastTimestamp, eventTime, metadata }: CoreV1Event): string {
  const time = lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
  return time === undefined ? '' : new Date(time).toISOString();
}

/** What `kubectl get pods` and a look at each would show. */
function describePods(pods: PodsByWorkload): string {
  const lines = [...pods].flatMap(([workload, own]) => [
    `${workload}: ${own.length} pods`,
    ...own.flatMap(({ metadata, spec, status }) => [
      `  ${metadata?.name ?? ''} ${status?.phase ?? ''} on ${spec?.nodeName ?? 'no node'}${metadata?.deletionTimestamp === undefined ? '' : ', ending'}`,
      ...(status?.containerStatuses ?? []).map(
        ({ name, image, imageID, ready, restartCount, state }) => {
          const { waiting, terminated } = state ?? {};
          const why = waiting
            ? `waiting: ${waiting.reason ?? ''} ${waiting.message ?? ''}`
            : terminated
              ? `ended with ${terminated.exitCode} ${terminated.reason ?? ''}`
              : 'running';
          return `    ${name}: ${image} (${imageID}) ${ready ? 'ready' : 'not ready'}, ${restartCount} restarts, ${why}`;
        },
      ),
      ...(status?.conditions ?? [])
        .filter((condition) => condition.status !== 'True')
        .map(({ type, reason, message }) => `    not ${type}: ${reason ?? ''} ${message ?? ''}`),
    ]),
  ]);
  return lines.map((line) => `${line}\n`).join('');
}
