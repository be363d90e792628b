/**
 * What keeps one pod from starting, and whose fault that is. Pure.
 */
import type { CoreV1Event, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { isReady } from '../instances.ts';
import { imageTrouble } from './image-trouble.ts';
import { mountTrouble } from './mount-trouble.ts';
import type { Trouble } from './trouble.ts';
import { lastWarning } from './warnings.ts';

const SET_UP_WARNINGS = ['FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox'];

/** The worst of a new pod's troubles; undefined: it starts, runs, or has done what it was for. */
export function podTrouble(
  pod: V1Pod,
  maxRestarts: number,
  warnings: readonly CoreV1Event[] = [],
): Trouble | undefined {
  const name = pod.metadata?.name ?? '';
  const { containerStatuses = [], initContainerStatuses = [], conditions = [] } = pod.status ?? {};
  if (pod.status?.phase === 'Succeeded') return undefined;
  const troubles = [...initContainerStatuses, ...containerStatuses]
    .map((status) => containerTrouble(pod, status, maxRestarts, warnings))
    .filter((trouble) => trouble !== undefined);
  const setUp = conditions.find(({ type }) => type === 'PodReadyToStartContainers');
  const said = lastWarning(warnings, pod.metadata?.uid, SET_UP_WARNINGS);
  // Once it is set up, what was said before counts no more: it may be pulling a large image.
  if (said !== undefined && setUp?.status !== 'True' && troubles.length === 0 && !isReady(pod))
    troubles.push(mountTrouble(name, said));
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False')
    troubles.push({
      fault: 'environment',
      code: 'pod-unschedulable',
      text: `${name} can’t be placed on a node: ${scheduled.message ?? scheduled.reason ?? ''}`,
      tolerance: 'grace',
    });
  // The kubelet of the chosen node takes a pod within a second, or it is not there.
  const taken = pod.status?.startTime !== undefined;
  if (scheduled?.status === 'True' && !taken)
    troubles.push({
      fault: 'environment',
      code: 'node-silent',
      text: `${name} waits for node ${pod.spec?.nodeName ?? ''}, which has not taken it`,
      tolerance: 'grace',
    });
  return troubles.find(({ tolerance }) => tolerance === 'at-once') ?? troubles[0];
}

function containerTrouble(
  { metadata, spec }: V1Pod,
  status: V1ContainerStatus,
  maxRestarts: number,
  warnings: readonly CoreV1Event[],
): Trouble | undefined {
  const pod = metadata?.name ?? '';
  const { waiting, terminated } = status.state ?? {};
  const ended = terminated ?? status.lastState?.terminated;
  // What ends well and isn't started again for that (a Job's) has done its work.
  const finished = terminated?.exitCode === 0 && spec?.restartPolicy === 'OnFailure';
  const down = (terminated !== undefined && !finished) || waiting?.reason === 'CrashLoopBackOff';
  // It never ran: no second try makes its program appear.
  if (down && ended && NEVER_RAN.test(ended.reason ?? '') && !status.ready)
    return startTrouble(pod, status.name, ended.message ?? '');
  if (down && ended && status.restartCount >= maxRestarts && !status.ready) {
    const times = `${status.restartCount} ${status.restartCount === 1 ? 'time' : 'times'}`;
    const why = ended.reason === 'OOMKilled' ? ' (out of memory)' : '';
    return {
      fault: 'release',
      code: 'crash-loop',
      text: `${status.name} in ${pod} restarted ${times}, last with exit code ${ended.exitCode}${why}`,
      tolerance: 'at-once',
      ended: { pod, container: status.name },
    };
  }
  if (!waiting) return undefined;
  const { reason = '', message = '' } = waiting;
  // Older kubelets leave out why, once they back off; an event has it.
  if (reason === 'ImagePullBackOff' && /^Back-off pulling image "[^"]*"$/.test(message)) {
    const pulls = warnings.filter((event) => event.message?.startsWith('Failed to pull image'));
    return imageTrouble(
      pod,
      status.image,
      lastWarning(pulls, metadata?.uid, ['Failed']) ?? message,
    );
  }
  return waitingTrouble(pod, status, reason, message);
}

function waitingTrouble(
  pod: string,
  { name, image }: V1ContainerStatus,
  reason: string,
  message: string,
): Trouble | undefined {
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'ErrImageNeverPull':
    case 'RegistryUnavailable':
      return imageTrouble(pod, image, message);
    case 'InvalidImageName':
      return {
        fault: 'release',
        code: 'image-invalid',
        text: `${name} in ${pod} names ${image}, which is no image: ${message}`,
        tolerance: 'at-once',
      };
    case 'CreateContainerConfigError':
      return {
        fault: 'release',
        code: 'container-config',
        text: `${name} in ${pod} can’t be configured: ${message}`,
        tolerance: 'at-once',
      };
    case 'CreateContainerError':
    case 'RunContainerError':
      return startTrouble(pod, name, message);
    default:
      return undefined;
  }
}

/** What containerd and CRI-O call it. */
const NEVER_RAN = /^(?:StartError|ContainerCannotRun)$/;

function startTrouble(pod: string, name: string, message: string): Trouble {
  const passing = /deadline exceeded|timeout|is reserved|unavailable/i.test(message);
  return {
    fault: passing ? 'environment' : 'release',
    code: 'container-start',
    text: `${name} in ${pod} can’t be started: ${message}`,
    tolerance: passing ? 'grace' : 'at-once',
  };
}
