/**
 * What keeps one pod from starting, and whose fault that is. Pure.
 */
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { Fault } from '../../domain/errors.ts';

/** A trouble of one pod. */
export interface PodTrouble {
  readonly fault: Extract<Fault, 'release' | 'environment' | 'request'>;
  readonly code: string;
  /** What is seen, with the pod's name. */
  readonly text: string;
  /** `at-once`: no waiting mends it. `grace`: it may pass by itself. */
  readonly tolerance: 'at-once' | 'grace';
}

/** The worst of a new pod's troubles; undefined: it starts, or runs. */
export function podTrouble(pod: V1Pod, maxRestarts: number): PodTrouble | undefined {
  const name = pod.metadata?.name ?? '';
  const { containerStatuses = [], initContainerStatuses = [], conditions = [] } = pod.status ?? {};
  const troubles = [...initContainerStatuses, ...containerStatuses]
    .map((status) => containerTrouble(name, status, maxRestarts))
    .filter((trouble) => trouble !== undefined);
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
  pod: string,
  status: V1ContainerStatus,
  maxRestarts: number,
): PodTrouble | undefined {
  const { waiting, terminated } = status.state ?? {};
  const ended = terminated ?? status.lastState?.terminated;
  const down = terminated !== undefined || waiting?.reason === 'CrashLoopBackOff';
  if (down && ended && status.restartCount >= maxRestarts && !status.ready) {
    const times = `${status.restartCount} ${status.restartCount === 1 ? 'time' : 'times'}`;
    const why = ended.reason === 'OOMKilled' ? ' (out of memory)' : '';
    return {
      fault: 'release',
      code: 'crash-loop',
      text: `${status.name} in ${pod} restarted ${times}, last with exit code ${ended.exitCode}${why}`,
      tolerance: 'at-once',
    };
  }
  return waiting && waitingTrouble(pod, status, waiting.reason ?? '', waiting.message ?? '');
}

function waitingTrouble(
  pod: string,
  { name, image }: V1ContainerStatus,
  reason: string,
  message: string,
): PodTrouble | undefined {
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
    case 'StartError': {
      const passing = /deadline exceeded|timeout|is reserved|unavailable/i.test(message);
      return {
        fault: passing ? 'environment' : 'release',
        code: 'container-start',
        text: `${name} in ${pod} can’t be started: ${message}`,
        tolerance: passing ? 'grace' : 'at-once',
      };
    }
    default:
      return undefined;
  }
}

/** What registries and the node's runtime say when an image is not theirs to give, whoever asks again. */
const DENIED =
  /unauthorized|denied|forbidden|authentication required|authorization failed|no basic auth|\b40[13]\b/i;
const PASSING =
  /\b5\d\d\b|\b429\b|too many requests|timeout|timed out|deadline exceeded|connection (?:refused|reset)|no such host|EOF|no route to host|tls handshake|temporary failure|unavailable|i\/o/i;
const NOT_FOUND =
  /not found|manifest unknown|name unknown|does not exist|\b404\b|not present with pull policy/i;

function imageTrouble(pod: string, image: string, message: string): PodTrouble {
  const text = (what: string) => `${pod}: the image ${image} ${what}: ${message}`;
  // A passing trouble may quote "not found" of a mirror; a denial is sometimes said for what is not there.
  if (PASSING.test(message) && !/manifest unknown|: not found/i.test(message))
    return environment(text('can’t be pulled now'));
  if (DENIED.test(message))
    return {
      fault: 'request',
      code: 'image-denied',
      text: text('is denied'),
      tolerance: 'at-once',
    };
  if (NOT_FOUND.test(message))
    return {
      fault: 'release',
      code: 'image-not-found',
      text: text('is not in the registry'),
      tolerance: 'at-once',
    };
  return environment(text('can’t be pulled'));
}

function environment(text: string): PodTrouble {
  return { fault: 'environment', code: 'image-pull', text, tolerance: 'grace' };
}
