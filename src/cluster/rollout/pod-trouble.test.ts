import type { CoreV1Event, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { podTrouble } from './pod-trouble.ts';

const status = (changed: Partial<V1ContainerStatus>): V1ContainerStatus => ({
  name: 'web',
  image: 'registry.example.com/shop/web:2',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...changed,
});

const pod = (changed: Partial<V1ContainerStatus>, more: Partial<V1Pod['status']> = {}): V1Pod => ({
  metadata: { name: 'web-1' },
  spec: { containers: [], nodeName: 'node-1' },
  status: {
    startTime: new Date(),
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [status(changed)],
    ...more,
  },
});

const waiting = (reason: string, message = '') => pod({ state: { waiting: { reason, message } } });
const pull = (message: string) => waiting('ErrImagePull', message);

/** Messages as containerd 1.6 and the kubelet 1.34 write them. */
const NOT_FOUND =
  'rpc error: code = NotFound desc = failed to pull and unpack image "127.0.0.1:5000/shop/web:2": failed to resolve reference "127.0.0.1:5000/shop/web:2": 127.0.0.1:5000/shop/web:2: not found';
const DENIED =
  'failed to resolve reference "r.example.com/web:2": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';
const EOF = 'failed to do request: Head "http://127.0.0.1:5000/v2/shop/web/manifests/2": EOF';
const UNAVAILABLE =
  'unexpected status from HEAD request to https://r.example.com/v2/web/manifests/2: 503 Service Unavailable';

describe('a pod that', () => {
  it.each<readonly [string, V1Pod, string]>([
    ['names an image that is not there', pull(NOT_FOUND), 'release image-not-found at-once'],
    [
      'backs off from it',
      waiting('ImagePullBackOff', `Back-off: ${NOT_FOUND}`),
      'release image-not-found at-once',
    ],
    ['is denied its image', pull(DENIED), 'request image-denied at-once'],
    ['finds the registry away', pull(EOF), 'environment image-pull grace'],
    ['finds the registry overloaded', pull(UNAVAILABLE), 'environment image-pull grace'],
    [
      'finds the registry slow',
      pull('dial tcp 10.0.0.1:443: i/o timeout'),
      'environment image-pull grace',
    ],
    ['says nothing of why', pull(''), 'environment image-pull grace'],
    ['names what is no image', waiting('InvalidImageName', 'x'), 'release image-invalid at-once'],
    [
      'lacks a key of a Secret',
      waiting('CreateContainerConfigError', 'couldn’t find key a'),
      'release container-config at-once',
    ],
    [
      'has no such program',
      pod({
        state: {
          waiting: { reason: 'RunContainerError', message: 'exec: "x": executable file not found' },
        },
      }),
      'release container-start at-once',
    ],
    [
      'has no such program, and backs off from it',
      pod({
        restartCount: 1,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: {
          terminated: {
            exitCode: 128,
            reason: 'StartError',
            message:
              'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/none": stat /none: no such file or directory: unknown',
          },
        },
      }),
      'release container-start at-once',
    ],
    [
      'is created too slowly',
      waiting('CreateContainerError', 'context deadline exceeded'),
      'environment container-start grace',
    ],
    [
      'has no room',
      pod(
        {},
        {
          conditions: [
            { type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' },
          ],
        },
      ),
      'environment pod-unschedulable grace',
    ],
  ])('%s', (_, given, expected) => {
    const trouble = podTrouble(given, 2);
    expect(`${trouble?.fault ?? ''} ${trouble?.code ?? ''} ${trouble?.tolerance ?? ''}`).toBe(
      expected,
    );
    expect(trouble?.text).toContain('web-1');
  });

  it('waits for a node that does not take it is the environment’s', () => {
    const { startTime: _, ...rest } = pod({}).status ?? {};
    expect(podTrouble({ ...pod({}), status: { ...rest, containerStatuses: [] } }, 2)).toMatchObject(
      {
        fault: 'environment',
        code: 'node-silent',
      },
    );
  });

  it.each([
    [1, 'CrashLoopBackOff', undefined],
    [2, 'CrashLoopBackOff', 'crash-loop'],
    [9, 'ContainerCreating', undefined],
  ])('restarted %i times and is in %s', (restartCount, reason, code) => {
    const lastState = { terminated: { exitCode: 137, reason: 'OOMKilled' } };
    const trouble = podTrouble(pod({ restartCount, lastState, state: { waiting: { reason } } }), 2);
    expect(trouble?.code).toBe(code);
    if (code) expect(trouble?.text).toContain('exit code 137 (out of memory)');
  });

  const warning = (reason: string, message: string, second = 1): CoreV1Event => ({
    metadata: {},
    involvedObject: { uid: 'p' },
    lastTimestamp: new Date(second * 1_000),
    reason,
    message,
  });
  const known = (given: V1Pod): V1Pod => ({ ...given, metadata: { ...given.metadata, uid: 'p' } });

  it.each([
    [
      'MountVolume.SetUp failed for volume "v" : secret "none" not found',
      'release container-config',
    ],
    [
      'MountVolume.SetUp failed for volume "v" : configmap "none" not found',
      'release container-config',
    ],
    [
      'MountVolume.SetUp failed for volume "v" : references non-existent secret key: none',
      'release container-config',
    ],
    [
      'Unable to attach or mount volumes: timed out waiting for the condition',
      'environment pod-setup',
    ],
  ])('can’t be set up: %s', (message, expected) => {
    const events = [warning('FailedMount', message), warning('BackOff', 'of something else', 9)];
    const given = known(waiting('ContainerCreating'));
    const trouble = podTrouble(given, 2, events);
    expect(`${trouble?.fault ?? ''} ${trouble?.code ?? ''}`).toBe(expected);
    // Of another pod; and once it is set up, it may be pulling.
    expect(podTrouble(waiting('ContainerCreating'), 2, events)).toBeUndefined();
    given.status!.conditions = [{ type: 'PodReadyToStartContainers', status: 'True' }];
    expect(podTrouble(given, 2, events)).toBeUndefined();
  });

  it('backs off without a word is judged by its newest event', () => {
    const given = known(waiting('ImagePullBackOff', 'Back-off pulling image "web:2"'));
    const events = [
      warning('Failed', `Failed to pull image "web:2": ${UNAVAILABLE}`, 1),
      warning('Failed', `Failed to pull image "web:2": ${NOT_FOUND}`, 2),
      warning('Failed', 'Error: ImagePullBackOff', 3),
    ];
    expect(podTrouble(given, 2)?.code).toBe('image-pull');
    expect(podTrouble(given, 2, events)?.code).toBe('image-not-found');
    expect(podTrouble(given, 2, events.slice(0, 1))?.code).toBe('image-pull');
  });

  it.each([
    ['Succeeded', 'Never', 0],
    ['Running', 'OnFailure', 0],
  ])('is a Job’s and has ended well has none (%s, %s)', (phase, restartPolicy, maxRestarts) => {
    const given = pod({ restartCount: 3, state: { terminated: { exitCode: 0 } } }, { phase });
    given.spec!.restartPolicy = restartPolicy;
    expect(podTrouble(given, maxRestarts)).toBeUndefined();
  });

  it('runs has none', () => {
    expect(podTrouble(pod({ ready: true, state: { running: {} } }), 2)).toBeUndefined();
  });
});
