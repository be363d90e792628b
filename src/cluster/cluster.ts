/**
 * A cluster, seen from one namespace.
 */
import { readFileSync } from 'node:fs';
import {
  AppsV1Api,
  AuthorizationV1Api,
  AutoscalingV2Api,
  BatchV1Api,
  CoordinationV1Api,
  CoreV1Api,
  createConfiguration,
  DiscoveryV1Api,
  KubeConfig,
  KubernetesObjectApi,
  ServerConfiguration,
  type Configuration,
} from '@kubernetes/client-node';
import type { ClusterAccess } from '../domain/deployment.ts';
import { failure, type BelayError } from '../domain/errors.ts';

/** The worker's environment, as far as a cluster is found by it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Connections to one cluster's API. */
export interface Cluster {
  readonly access: ClusterAccess;
  readonly namespace: string;
  readonly config: KubeConfig;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly batch: BatchV1Api;
  readonly coordination: CoordinationV1Api;
  readonly authorization: AuthorizationV1Api;
  readonly autoscaling: AutoscalingV2Api;
  readonly discovery: DiscoveryV1Api;
  /** Any kind of object. */
  readonly objects: KubernetesObjectApi;
  /** API requests made so far. */
  calls(): number;
}

/** The client has no time limit of its own; an API server that is silent for this long (ms) counts as away. */
const SILENCE_MS = 20_000;

/**
 * Reads the kubeconfig; connects only when asked.
 *
 * @throws BelayError fault `request`: no kubeconfig there, not readable, no such context.
 */
export function openCluster(
  access: ClusterAccess,
  environment: Environment = process.env,
): Cluster {
  const config = readKubeConfig(access, environment);
  let calls = 0;
  const configuration = configurationOf(config, () => {
    calls += 1;
  });
  return {
    access,
    namespace: access.namespace,
    config,
    core: new CoreV1Api(configuration),
    apps: new AppsV1Api(configuration),
    batch: new BatchV1Api(configuration),
    coordination: new CoordinationV1Api(configuration),
    authorization: new AuthorizationV1Api(configuration),
    autoscaling: new AutoscalingV2Api(configuration),
    discovery: new DiscoveryV1Api(configuration),
    objects: new KubernetesObjectApi(configuration),
    calls: () => calls,
  };
}

function configurationOf(config: KubeConfig, count: () => void): Configuration {
  return createConfiguration({
    baseServer: new ServerConfiguration(config.getCurrentCluster()?.server ?? '', {}),
    authMethods: { default: config },
    promiseMiddleware: [
      {
        pre: (request) => {
          count();
          request.setSignal(AbortSignal.timeout(SILENCE_MS));
          return Promise.resolve(request);
        },
        post: (response) => Promise.resolve(response),
      },
    ],
  });
}

function readKubeConfig(
  { kubeconfig, context, namespace }: ClusterAccess,
  environment: Environment,
): KubeConfig {
  const config = new KubeConfig();
  const path = kubeconfig ?? environment['KUBECONFIG'];
  if (path !== undefined && path !== '') loadFiles(config, path.split(':').filter(Boolean));
  else {
    config.loadFromDefault();
    // The client's last resort is a server that nobody named.
    if (config.getCurrentCluster()?.server === 'http://localhost:8080')
      throw refuse(
        'kubeconfig-missing',
        `No kubeconfig was found for namespace ${namespace}: neither KUBECONFIG nor ~/.kube/config is there, and belay does not run in a pod`,
        'Name it in the deployment file: target kubeconfig',
      );
  }
  if (context !== undefined) useContext(config, context, path ?? 'the kubeconfig');
  if (!config.getCurrentCluster() || !config.getCurrentUser())
    throw refuse(
      'kubeconfig-context',
      `${path ?? 'The kubeconfig'} has no usable current context "${config.getCurrentContext()}"`,
      `Name one in the deployment file (target context); there are: ${contextNames(config)}`,
    );
  const { server, skipTLSVerify } = config.getCurrentCluster() ?? {};
  // The client refuses it too, but only in the middle of the work.
  if (server?.startsWith('http:') && !skipTLSVerify)
    throw refuse(
      'kubeconfig-insecure',
      `${path ?? 'The kubeconfig'} leads to ${server}, which is not encrypted`,
      'Name an https server; or, for a proxy on this machine, set insecure-skip-tls-verify: true for it in the kubeconfig',
    );
  return config;
}

function loadFiles(config: KubeConfig, paths: readonly string[]): void {
  for (const [at, path] of paths.entries()) {
    try {
      // Asked first: the client's own error does not name the file.
      readFileSync(path);
      if (at === 0) config.loadFromFile(path);
      else {
        const more = new KubeConfig();
        more.loadFromFile(path);
        config.mergeConfig(more);
      }
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      // The parser's message may quote the file, and with it a token.
      throw refuse(
        missing ? 'kubeconfig-missing' : 'kubeconfig-unreadable',
        `The kubeconfig ${path} ${missing ? 'does not exist' : 'can’t be read: is it a kubeconfig, readable for belay’s user?'}`,
        'Correct target kubeconfig in the deployment file, or KUBECONFIG',
      );
    }
  }
}

function useContext(config: KubeConfig, context: string, path: string): void {
  if (config.getContextObject(context)) {
    config.setCurrentContext(context);
    return;
  }
  throw refuse(
    'kubeconfig-context',
    `${path} has no context "${context}"`,
    `Correct target context in the deployment file; there are: ${contextNames(config)}`,
  );
}

function contextNames(config: KubeConfig): string {
  return (
    config
      .getContexts()
      .map(({ name }) => name)
      .join(', ') || 'none'
  );
}

function refuse(code: string, message: string, remedy: string): BelayError {
  return failure('request', code, message, remedy);
}
