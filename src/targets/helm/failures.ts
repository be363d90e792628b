/**
 * What helm's last words mean. Texts of Helm 3.22 and 4.3.
 */
import { failure, type BelayError, type Fault } from '../../domain/errors.ts';
import { redact } from '../../process/redact.ts';
import type { Finished } from '../../process/run.ts';

interface Meaning {
  readonly says: RegExp;
  readonly fault: Fault;
  readonly code: string;
  readonly remedy: string;
}

/** In this order: what fits first wins. A chart's own server is looked at before the cluster, whose words are the same. */
const MEANINGS: readonly Meaning[] = [
  {
    says: /another operation \(install\/upgrade\/rollback\) is in progress/,
    fault: 'environment',
    code: 'release-pending',
    remedy: 'See `helm history`: another helm is at work on the release, or was killed there',
  },
  {
    says: /release has no \d+ version/,
    fault: 'request',
    code: 'revision-missing',
    remedy: 'See `helm history`: helm keeps the newest revisions only',
  },
  {
    says: /has no deployed releases|release: not found|release name .* not found/i,
    fault: 'request',
    code: 'release-missing',
    remedy: 'Correct target helm release and namespace in the deployment file',
  },
  {
    says: /FetchReference.*\b40[13]\b|failed to authorize|failed to fetch \S+ : 40[13]/is,
    fault: 'request',
    code: 'chart-denied',
    remedy: 'Log in where the chart comes from: `helm registry login`, or `helm repo add`',
  },
  {
    says: /server gave HTTP response to HTTPS client/,
    fault: 'request',
    code: 'chart-not-found',
    remedy: 'The chart’s registry speaks no TLS, which helm takes from this machine’s own only',
  },
  {
    says: /(?:FetchReference"? on source|cannot be reached|failed to fetch \S+):? .*(?:dial tcp|timeout|deadline exceeded|connection re|EOF|(?:: |status code )(?:429|5\d\d)\b)/is,
    fault: 'environment',
    code: 'chart-unreachable',
    remedy: 'See whether the server that the chart comes from runs; belay goes on by itself then',
  },
  {
    says: /path ".*" not found|failed to download|chart ".*" .*not found|no such file or directory.*Chart|Chart\.yaml(?: file is missing|: no such file)|unable to detect chart|gzipped archive|failed to fetch|is not a valid chart repository|invalid_?reference|failed to (?:perform|resolve)/i,
    fault: 'request',
    code: 'chart-not-found',
    remedy: 'Correct target helm chart in the deployment file',
  },
  {
    says: /missing in charts\/ directory/,
    fault: 'request',
    code: 'chart-incomplete',
    remedy: 'Run `helm dependency build` on the chart',
  },
  {
    says: /requires kubeVersion/,
    fault: 'request',
    code: 'chart-kube-version',
    remedy: 'Upgrade the cluster first, or take a version of the chart that runs on it',
  },
  {
    says: /values don't meet the specifications of the schema/,
    fault: 'request',
    code: 'values-schema',
    remedy: 'Correct the values files, or target helm set',
  },
  {
    says: /failed to parse \S+: |error unmarshaling JSON: while decoding JSON: json: cannot unmarshal \w+ into Go value of type map/,
    fault: 'request',
    code: 'values-unreadable',
    remedy: 'Correct the values files: helm can’t read them',
  },
  {
    says: /execution error at|template: |executing "[^"]*" at <|parse error at|YAML parse error|error converting YAML|nil pointer evaluating/,
    fault: 'request',
    code: 'chart-template',
    remedy: 'The chart can’t be rendered with these values: correct them, or the chart',
  },
  {
    says: /Unauthorized|the server has asked for the client to provide credentials/,
    fault: 'request',
    code: 'cluster-denied',
    remedy: 'The kubeconfig’s certificate or token may have expired: renew it',
  },
  {
    says: /exceeded quota|no space left on device/i,
    fault: 'environment',
    code: 'quota',
    remedy: 'Make room, or raise the quota; belay goes on by itself then',
  },
  {
    says: /is forbidden: User|cannot (?:get|list|create|update|patch|delete|watch) resource/,
    fault: 'request',
    code: 'permission-missing',
    remedy: 'Grant what `belay rbac NAME` prints: belay rbac NAME | kubectl apply -f -',
  },
  {
    says: /context "[^"]*" does not exist/,
    fault: 'request',
    code: 'kubeconfig-context',
    remedy: 'Correct target helm context in the deployment file',
  },
  {
    says: /cluster unreachable|connection refused|i\/o timeout|TLS handshake timeout|no route to host|: (?:unexpected )?EOF$|connection reset|etcdserver|(?:Get|Post|Patch|Put|Delete) "https?:.*context deadline exceeded|the server is currently unable|ServiceUnavailable|Too many requests|http2: client connection lost|GOAWAY/im,
    fault: 'environment',
    code: 'cluster-unreachable',
    remedy: 'See whether the API server runs and can be reached; belay goes on by itself then',
  },
  {
    says: /Apply failed with \d+ conflicts?/,
    fault: 'request',
    code: 'field-conflict',
    remedy:
      'Somebody else set that field beside the release: give it up there, or write it into the values',
  },
  {
    says: /field is immutable|updates to statefulset spec|may not change once set|Forbidden: .*immutable/i,
    fault: 'release',
    code: 'immutable-field',
    remedy:
      'The new version changes what a cluster lets nobody change: the object must be replaced by hand',
  },
  {
    says: /(?:pre|post)-(?:upgrade|rollback) hooks failed|hook .* failed|BackoffLimitExceeded|DeadlineExceeded/i,
    fault: 'release',
    code: 'hook-failed',
    remedy: 'See the evidence: the log of the hook’s Job',
  },
  {
    says: /no matches for kind/,
    fault: 'request',
    code: 'kind-unknown',
    remedy: 'Install the definitions that the chart needs, or correct its values',
  },
  {
    says: /exists and cannot be imported into the current release|already exists/,
    fault: 'request',
    code: 'object-taken',
    remedy: 'Somebody else made that object: remove it, or give it to the release',
  },
  {
    says: /is invalid:|admission webhook .* denied|violates PodSecurity/,
    fault: 'release',
    code: 'object-refused',
    remedy: 'The cluster does not take what the new version declares',
  },
];

/** The failure of a call that exited with an error. `doing` completes "while …". */
export function helmFailure(
  { stderr, exitCode, signal, ended }: Finished,
  doing: string,
): BelayError {
  const said = lastWords(stderr);
  if (ended === 'timeout')
    return failure(
      'release',
      'helm-timeout',
      `helm did not end within its time limit, while ${doing}: ${said}`,
      'See which hook it waits for, or raise target helm timeout',
    );
  if (exitCode === null || signal !== null || exitCode === 137 || exitCode === 143)
    return failure(
      'environment',
      'helm-interrupted',
      `helm was killed, while ${doing}`,
      'Nothing: belay does it again',
    );
  // Warnings, and what hooks said, may hold the same words.
  const meaning = MEANINGS.find(({ says }) => says.test(said));
  return failure(
    meaning?.fault ?? 'unknown',
    meaning?.code ?? 'helm-failed',
    `helm failed, while ${doing}: ${said}`,
    meaning?.remedy ?? 'See what helm says, then retry or roll back',
  );
}

const MAX_WORDS = 1_500;

/** What follows the last `Error:`; warnings and notes before it say nothing of the failure. */
export function lastWords(stderr: string): string {
  // Its own stands at the beginning of a line; what it repeats may have the word too.
  const said = withoutValues((stderr.split(/^Error: /m).at(-1) ?? '').trim());
  return redact(said.length > MAX_WORDS ? `${said.slice(0, MAX_WORDS)}…` : said);
}

/** What breaks a schema may be a password, and the schema's checker repeats it. */
function withoutValues(said: string): string {
  return said
    .replaceAll(/'(?:[^'\\]|\\.)*'(?= does not match pattern )/g, '***')
    .replaceAll(/(?:'(?:[^'\\]|\\.)*'|[^\s']+) is not valid (\S+): .*/g, '*** is not valid $1');
}
