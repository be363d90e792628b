/**
 * The helm program, version 3 or 4: arguments as a list, an environment of its own, values by stdin.
 */
import { stat } from 'node:fs/promises';
import type { HelmSettings } from '../../domain/deployment.ts';
import { failure } from '../../domain/errors.ts';
import type { RecordedChild } from '../../domain/target.ts';
import type { Environment } from '../../cluster/cluster.ts';
import { MARK } from '../../process/children.ts';
import { run, type Finished } from '../../process/run.ts';

/** How one call is made. */
export interface Call {
  /** Text for stdin: values, which may be secret. */
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** How a call that changes something is made: it outlives a kill of this process, so it is noted first. */
export interface ChangingCall extends Call {
  /** Absolute; output goes there and never to a pipe. */
  readonly logFile: string;
  readonly onSpawn: (child: RecordedChild) => Promise<void>;
}

/** The program for one release. */
export interface Helm {
  /** `3.22.0`. Throws `request` when the program is missing. */
  version(): Promise<string>;
  /** Reads; stdout comes as it is, secrets and all. */
  read(args: readonly string[], call: Call): Promise<Finished>;
  /** Changes. */
  change(args: readonly string[], call: ChangingCall): Promise<Finished>;
  /** What {@link change} marks its processes with. */
  readonly mark: string;
}

const READ_MS = 60_000;

/** Only what helm, the kubeconfig's own helpers and proxies need: a stray HELM_NAMESPACE would lead elsewhere. */
const PASSED =
  /^(?:PATH|HOME|USER|LANG|LC_ALL|TMPDIR|DOCKER_CONFIG|(?:https?|no|all)_proxy|SSL_CERT_(?:FILE|DIR)|KUBERNETES_SERVICE_(?:HOST|PORT)|(?:AWS|AZURE|GOOGLE|CLOUDSDK|XDG)_.*|HELM_(?:CACHE_HOME|CONFIG_HOME|DATA_HOME|REGISTRY_CONFIG|REPOSITORY_CONFIG|REPOSITORY_CACHE|DRIVER|PLUGINS))$/i;

/** Nothing is run yet. */
export function createHelm(settings: HelmSettings, environment: Environment): Helm {
  const { kubeconfig, context, namespace } = settings.cluster;
  const mark = `helm/${namespace}/${settings.release}`;
  const config = kubeconfig ?? environment['KUBECONFIG'];
  const env = {
    ...Object.fromEntries(
      Object.entries(environment).flatMap(([name, value]) =>
        value !== undefined && PASSED.test(name) ? [[name, value]] : [],
      ),
    ),
    ...(config !== undefined && config !== '' && { KUBECONFIG: config }),
  };
  const where = [
    '--namespace',
    namespace,
    ...(context === undefined ? [] : ['--kube-context', context]),
  ];
  const start = async (args: readonly string[], more: object, call: Call) => {
    try {
      return await run([settings.program, ...args], {
        env,
        timeoutMs: call.timeoutMs ?? READ_MS,
        cwd: settings.directory,
        ...(call.input !== undefined && { input: call.input }),
        ...(call.signal && { signal: call.signal }),
        ...more,
      });
    } catch (error) {
      await refuseMissingFolder(settings.directory);
      throw missing(settings.program, error);
    }
  };
  let version: string | undefined;
  return {
    mark,
    version: async () => {
      if (version !== undefined) return version;
      const { stdout } = await start(['version', '--template', '{{.Version}}'], {}, {});
      version = stdout.trim().replace(/^v/, '');
      return version;
    },
    read: async (args, call) => {
      const finished = await start([...args, ...where], { rawStdout: true }, call);
      if (finished.ended === 'timeout') throw silent(args);
      return finished;
    },
    change: (args, call) =>
      start(
        [...args, ...where],
        { env: { ...env, [MARK]: mark }, logFile: call.logFile, onSpawn: call.onSpawn },
        call,
      ),
  };
}

/** A program can't be started in a folder that is not there, and says the same of it as of a missing program. */
async function refuseMissingFolder(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw failure(
    'request',
    'directory-missing',
    `The folder ${directory} does not exist on the site’s machine`,
    'Correct target helm directory in the deployment file',
  );
}

/** What only reads waits for nothing but servers. */
function silent(args: readonly string[]) {
  return failure(
    'environment',
    'cluster-unreachable',
    `\`helm ${args.slice(0, 2).join(' ')}\` had no answer after ${READ_MS / 1_000} s`,
    'See whether the API server, and the server that the chart comes from, answer; belay goes on by itself then',
  );
}

function missing(program: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOENT' && code !== 'EACCES') return error;
  return failure(
    'request',
    'helm-missing',
    `The program ${program} ${code === 'ENOENT' ? 'was not found' : 'may not be run'} on the site’s machine`,
    'Install Helm 3 or 4, or name the program in the deployment file: target helm program',
    error,
  );
}
