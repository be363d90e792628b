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
    ['Error: release has no 99 version', 'request revision-missing'],
    [
      'Error: UPGRADE FAILED: parse error at (c/templates/z.yaml:2): unexpected EOF',
      'request chart-template',
    ],
    [
      'Error: UPGRADE FAILED: YAML parse error on c/templates/z.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value of type releaseutil.SimpleHead',
      'request chart-template',
    ],
    [
      'Error: UPGRADE FAILED: c/templates/z.yaml:1:10\n  executing "c/templates/z.yaml" at <.Values.a.b>:\n    nil pointer evaluating interface {}.b',
      'request chart-template',
    ],
    [
      'Error: UPGRADE FAILED: execution error at (c/templates/z.yaml:1:3): Error: connection refused, said the author',
      'request chart-template',
    ],
    [
      'Error: UPGRADE FAILED: chart requires kubeVersion: >=1.99.0 which is incompatible with Kubernetes v1.34.4',
      'request chart-kube-version',
    ],
    [
      'Error: an error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: sub',
      'request chart-incomplete',
    ],
    [
      'Error: failed to parse /site/values.yaml: error converting YAML to JSON: yaml: mapping values are not allowed in this context',
      'request values-unreadable',
    ],
    ['Error: Chart.yaml file is missing', 'request chart-not-found'],
    [
      'Error: unable to detect chart at /c/Chart.yaml: open /c/Chart.yaml: no such file or directory',
      'request chart-not-found',
    ],
    [
      "Error: file '/c/values.yaml' seems to be a YAML file, but expected a gzipped archive",
      'request chart-not-found',
    ],
    [
      'Error: looks like "http://127.0.0.1:5000" is not a valid chart repository or cannot be reached: failed to fetch http://127.0.0.1:5000/index.yaml : 404 Not Found',
      'request chart-not-found',
    ],
    [
      'Error: looks like "http://127.0.0.1:9" is not a valid chart repository or cannot be reached: Get "http://127.0.0.1:9/index.yaml": dial tcp 127.0.0.1:9: connect: connection refused',
      'environment chart-unreachable',
    ],
    [
      'Error: looks like "https://charts.invalid" is not a valid chart repository or cannot be reached: Get "https://charts.invalid/index.yaml": dial tcp: lookup charts.invalid on 127.0.0.53:53: no such host',
      'environment chart-unreachable',
    ],
    [
      'Error: looks like "https://c.example.com" is not a valid chart repository or cannot be reached: failed to fetch https://c.example.com/index.yaml : 503 Service Unavailable',
      'environment chart-unreachable',
    ],
    [
      'Error: failed to perform "FetchReference" on source: 127.0.0.1:5000/nothing:1.0.0: not found',
      'request chart-not-found',
    ],
    [
      'Error: failed to perform "FetchReference" on source: Get "https://127.0.0.1:9/v2/nothing/manifests/1.0.0": dial tcp 127.0.0.1:9: connect: connection refused',
      'environment chart-unreachable',
    ],
    [
      'Error: failed to perform "FetchReference" on source: Get "https://127.0.0.1:5000/v2/nothing/manifests/1.0.0": http: server gave HTTP response to HTTPS client',
      'request chart-not-found',
    ],
    [
      'Error: failed to perform "FetchReference" on source: GET "https://r.example.com/v2/c/manifests/1.0.0": response status code 401: unauthorized: authentication required',
      'request chart-denied',
    ],
    [
      'Error: UPGRADE FAILED: could not get information about the resource: deployments.apps "web" is forbidden: User "system:serviceaccount:a:b" cannot get resource "deployments" in API group "apps" in the namespace "a"',
      'request permission-missing',
    ],
    [
      'Error: conflict occurred while applying object a/web apps/v1, Kind=Deployment: Apply failed with 1 conflict: conflict with "kubectl-set" using apps/v1: .spec.template.spec.containers[name="web"].image',
      'request field-conflict',
    ],
    [
      'Error: UPGRADE FAILED: pre-upgrade hooks failed: resource Job/a/hk not ready. status: InProgress, message: Job in progress\ncontext deadline exceeded',
      'release hook-failed',
    ],
    [
      'Error: UPGRADE FAILED: pre-upgrade hooks failed: 1 error occurred:\n\t* timed out waiting for the condition\n\n',
      'release hook-failed',
    ],
    [
      'Error: UPGRADE FAILED: unable to continue with update: ConfigMap "foreign" in namespace "a" exists and cannot be imported into the current release: invalid ownership metadata',
      'request object-taken',
    ],
    [
      'Error: UPGRADE FAILED: failed to create resource: Service "bad" is invalid: [spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive]',
      'release object-refused',
    ],
    [
      'Error: Get "https://10.0.0.1:6443/api/v1/namespaces/a/secrets/s": unexpected EOF',
      'environment cluster-unreachable',
    ],
    [
      'Error: UPGRADE FAILED: conflict occurred while applying object a/web apps/v1, Kind=Deployment: Apply failed with 1 conflict: conflict with "kubectl-set" using apps/v1: .spec.template.spec.containers[name="web"].image',
      'request field-conflict',
    ],
    ['Error: release has no 3 version', 'request revision-missing'],
    ['Error: something that nobody foresaw', 'unknown helm-failed'],
  ])('%s', (stderr, expected) => {
    const { fault, code, message } = helmFailure(
      finished(`W1121 a warning\n${stderr}`),
      'upgrading',
    );
    expect(`${fault} ${code}`).toBe(expected);
    expect(message).not.toContain('a warning');
  });

  it('counts, and not what a hook or a warning said before', () => {
    const stderr =
      'level=WARN msg="dial tcp: connection refused"\nError: UPGRADE FAILED: pre-upgrade hooks failed: job x failed';
    const { code, message } = helmFailure(finished(stderr), 'upgrading release web');
    expect(code).toBe('hook-failed');
    expect(message).toBe(
      'helm failed, while upgrading release web: UPGRADE FAILED: pre-upgrade hooks failed: job x failed',
    );
  });

  it('without the value that breaks a schema', () => {
    const stderr = [
      "Error: UPGRADE FAILED: values don't meet the specifications of the schema(s) in the following chart(s):",
      'web:',
      "- at '/db/password': 'it\\'s hunter2' does not match pattern '^[a-z]+$'",
      "- at '/mail': 'hunter2@' is not valid email: 'hunter2@' has no domain",
      '- at \'/pin\': 271828 is not valid ipv4: "271828" is none',
    ].join('\n');
    const { code, message } = helmFailure(finished(stderr), 'rendering');
    expect(code).toBe('values-schema');
    expect(message).not.toMatch(/hunter2|271828/);
    expect(message).toContain("- at '/mail': *** is not valid email");
  });

  it('nothing, when it was killed, or when its time was up', () => {
    expect(helmFailure(finished('', { exitCode: null, signal: 'SIGKILL' }), 'x')).toMatchObject({
      fault: 'environment',
      code: 'helm-interrupted',
    });
    expect(helmFailure(finished('', { ended: 'timeout' }), 'x').code).toBe('helm-timeout');
  });
});
