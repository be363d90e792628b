import { describe, expect, it } from 'vitest';
import type { Finished } from '../../process/run.ts';
import { helmFailure } from './failures.ts';

const finished = (stderr: string, changed: Partial<Finished> = {}): Finished => ({
  exitCode: 1,
  signal: null,
  stdout: '',
  stderr,
  ended: 'exited',
  ...changed,
});

/** Last words of Helm 3.22 and 4.3. */
describe('what helm says', () => {
  it.each([
    [
      'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress',
      'environment release-pending',
    ],
    ['Error: UPGRADE FAILED: "web" has no deployed releases', 'request release-missing'],
    ['Error: release: not found', 'request release-missing'],
    ['Error: path "/opt/chart" not found', 'request chart-not-found'],
    [
      "Error: UPGRADE FAILED: values don't meet the specifications of the schema(s) in the following chart(s):\nweb:\n- replicaCount: Invalid type",
      'request values-schema',
    ],
    [
      'Error: UPGRADE FAILED: execution error at (web/templates/odd.yaml:1:3): not like this',
      'request chart-template',
    ],
    [
      'Error: UPGRADE FAILED: cannot patch "web" with kind Deployment: Deployment.apps "web" is invalid: spec.selector: Invalid value: field is immutable',
      'release immutable-field',
    ],
    [
      'Error: UPGRADE FAILED: pre-upgrade hooks failed: 1 error occurred:\n\t* job web-hook failed: BackoffLimitExceeded',
      'release hook-failed',
    ],
    [
      'Error: Kubernetes cluster unreachable: Get "https://10.0.0.1:6443/version": dial tcp 10.0.0.1:6443: connect: connection refused',
      'environment cluster-unreachable',
    ],
    [
      'Error: kubernetes cluster unreachable: the server has asked for the client to provide credentials',
      'request cluster-denied',
    ],
    [
      'Error: UPGRADE FAILED: query: failed to query with labels: secrets is forbidden: User "system:serviceaccount:a:b" cannot list resource "secrets"',
      'request permission-missing',
    ],
    ['Error: UPGRADE FAILED: pods "x" is forbidden: exceeded quota: small', 'environment quota'],
    ['Error: context "mars" does not exist', 'request kubeconfig-context'],
    [
      'Error: UPGRADE FAILED: resource mapping not found: no matches for kind "Odd" in version "v1"',
      'request kind-unknown',
    ],
    ['Error: something that nobody foresaw', 'unknown helm-failed'],
  ])('%s', (stderr, expected) => {
    const { fault, code, message } = helmFailure(
      finished(`W1121 a warning\n${stderr}`),
      'upgrading',
    );
    expect(`${fault} ${code}`).toBe(expected);
    expect(message).not.toContain('a warning');
  });

  it('nothing, when it was killed, or when its time was up', () => {
    expect(helmFailure(finished('', { exitCode: null, signal: 'SIGKILL' }), 'x')).toMatchObject({
      fault: 'environment',
      code: 'helm-interrupted',
    });
    expect(helmFailure(finished('', { ended: 'timeout' }), 'x').code).toBe('helm-timeout');
  });
});
