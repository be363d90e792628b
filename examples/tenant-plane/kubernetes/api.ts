import { setTimeout as delay } from 'node:timers/promises';
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
} from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

/** Which cluster. */
export interface ClusterPlace {
  /** Path of a kubeconfig. */
  readonly kubeconfig: string;
  /** Context of it; its current one when left out. */
  readonly context?: string;
}

/** The parts of a cluster's API that the example needs. */
export interface Api {
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly objects: KubernetesObjectApi;
}

/** Marks a namespace that the example made, and may therefore remove. */
const ownLabel = { name: 'app.kubernetes.io/managed-by', value: 'tenant-plane-example' } as const;

const lookEveryMs = 300;
const databaseWithinMs = 180_000;
const removedWithinMs = 180_000;

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

/** @throws Error when the kubeconfig can't be read or lacks the context. */
export function openApi({ kubeconfig, context }: ClusterPlace): Api {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  if (!config.getCurrentCluster()) {
    throw new Error(`${kubeconfig} has no context ${context ?? config.getCurrentContext()}`);
  }
  return {
    core: config.makeApiClient(CoreV1Api),
    apps: config.makeApiClient(AppsV1Api),
    objects: KubernetesObjectApi.makeApiClient(config),
  };
}

/**
 * Makes the namespace.
 *
 * @throws Error when it is there already: what is in it may be somebody's.
 */
export async function createNamespace({ objects }: Api, name: string): Promise<void> {
  const metadata = { name, labels: { [ownLabel.name]: ownLabel.value } };
  try {
    await objects.create(objectSchema.parse({ apiVersion: 'v1', kind: 'Namespace', metadata }));
  } catch (cause) {
    if (!hasStatus(cause, 409)) throw cause;
    throw new Error(
      `a namespace ${name} is on the cluster already; if it is not yours to keep: kubectl delete namespace ${name}`,
      { cause },
    );
  }
}

/** Creates the objects of a YAML text in a namespace. */
export async function createObjects(
  { objects }: Api,
  namespace: string,
  yaml: string,
): Promise<void> {
  for (const document of parseAllDocuments(yaml)) {
    const object = objectSchema.parse(document.toJS());
    await objects.create({ ...object, metadata: { ...object.metadata, namespace } });
  }
}

/** Creates a Secret with these texts. */
export async function createSecret(
  { objects }: Api,
  namespace: string,
  name: string,
  stringData: Readonly<Record<string, string>>,
): Promise<void> {
  const metadata = { name, namespace };
  await objects.create(
    objectSchema.parse({ apiVersion: 'v1', kind: 'Secret', metadata, stringData }),
  );
}

/** Waits until every pod of a StatefulSet is ready. @throws Error after three minutes. */
export async function untilReady({ apps }: Api, namespace: string, name: string): Promise<void> {
  const deadline = Date.now() + databaseWithinMs;
  for (;;) {
    const { spec, status } = await apps.readNamespacedStatefulSet({ namespace, name });
    if ((status?.readyReplicas ?? 0) >= (spec?.replicas ?? 1)) return;
    if (Date.now() > deadline) {
      throw new Error(
        `StatefulSet/${name} is not ready: see kubectl --namespace ${namespace} describe pods`,
      );
    }
    await delay(lookEveryMs);
  }
}

/** The address of a Service, which needs no name server in the cluster. */
export async function addressOf({ core }: Api, namespace: string, name: string): Promise<string> {
  const { spec } = await core.readNamespacedService({ namespace, name });
  if (spec?.clusterIP === undefined) throw new Error(`Service/${name} has no address`);
  return spec.clusterIP;
}

/**
 * Removes a namespace that {@link createNamespace} made, and waits until it is gone unless told not to;
 * one that is not there is fine.
 *
 * @throws Error when it is somebody else's, or is not gone after three minutes.
 */
export async function removeNamespace(
  { core }: Api,
  name: string,
  { wait }: { readonly wait: boolean },
): Promise<void> {
  const found = await unlessMissing(core.readNamespace({ name }));
  if (!found) return;
  if (found.metadata?.labels?.[ownLabel.name] !== ownLabel.value) {
    throw new Error(`the namespace ${name} was not made by the example: it is left as it is`);
  }
  await unlessMissing(core.deleteNamespace({ name }));
  if (!wait) return;
  const deadline = Date.now() + removedWithinMs;
  while (await unlessMissing(core.readNamespace({ name }))) {
    if (Date.now() > deadline) throw new Error(`the namespace ${name} does not go away`);
    await delay(lookEveryMs);
  }
}

async function unlessMissing<T>(question: Promise<T>): Promise<T | undefined> {
  try {
    return await question;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ApiException && error.code === status;
}
