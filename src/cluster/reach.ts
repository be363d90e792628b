/**
 * URLs of the application inside the cluster, made askable from here: a listener on loopback whose connections are
 * forwarded through the API server. No route into the cluster's network is needed.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { PortForward, type V1EndpointSlice } from '@kubernetes/client-node';
import type { Reached } from '../domain/act.ts';
import { failure, type BelayError } from '../domain/errors.ts';
import type { Cluster } from './cluster.ts';
import { asked, found } from './failures.ts';
import { partsOf } from './instances.ts';

/** A pod that answers, and its port. */
interface Endpoint {
  readonly pod: string;
  readonly podId: string;
  readonly port: number;
  readonly ready: boolean;
}

/** `service://web:http/health` → its parts; undefined for an ordinary URL. */
export function parseServiceUrl(
  url: string,
):
  | { readonly service: string; readonly port: string | undefined; readonly path: string }
  | undefined {
  const parts = /^service:\/\/([^/:]+)(?::([^/]+))?(\/.*)?$/.exec(url);
  if (!parts) return undefined;
  return { service: parts[1] ?? '', port: parts[2], path: parts[3] ?? '/' };
}

/**
 * See `Target.reach`. With `instance` (its ID) that very pod is asked.
 *
 * @throws BelayError `service-missing`, `service-port` and `not-behind-service` (request), `service-without-pods`
 * (environment).
 */
export async function reach(
  cluster: Cluster,
  url: string,
  { instance }: { readonly instance?: string },
): Promise<Reached> {
  const parsed = parseServiceUrl(url);
  if (!parsed) return { url, close: () => Promise.resolve() };
  const endpoints = await endpointsOf(cluster, parsed.service, parsed.port, url);
  const endpoint = choose(endpoints, url, instance && partsOf(instance).podId);
  const server = await listen(cluster, endpoint);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${parsed.path}`,
    close: () => closeAll(server),
  };
}

async function endpointsOf(
  { core, discovery, namespace }: Cluster,
  service: string,
  port: string | undefined,
  url: string,
): Promise<Endpoint[]> {
  const { items } = await asked(
    `looking up Service/${service}`,
    discovery.listNamespacedEndpointSlice({
      namespace,
      labelSelector: `kubernetes.io/service-name=${service}`,
    }),
  );
  const known =
    items.length > 0 ||
    (await found(
      `reading Service/${service}`,
      core.readNamespacedService({ name: service, namespace }),
    ));
  if (!known)
    throw request(
      'service-missing',
      `${url}: there is no Service ${service} in namespace ${namespace}`,
      'Correct the URL in the deployment file',
    );
  const name =
    port === undefined || !/^\d+$/.test(port)
      ? port
      : await portName(core, namespace, service, Number(port), url);
  return items.flatMap((slice) => ofSlice(slice, name, url));
}

/** A port by its number on the Service is found in the slices by its name. */
async function portName(
  core: Cluster['core'],
  namespace: string,
  service: string,
  port: number,
  url: string,
): Promise<string> {
  const read = await found(
    `reading Service/${service}`,
    core.readNamespacedService({ name: service, namespace }),
  );
  const ports = read?.spec?.ports ?? [];
  const match = ports.find((each) => each.port === port);
  if (match) return match.name ?? '';
  throw request(
    'service-port',
    `${url}: Service ${service} has no port ${port}`,
    `It has: ${ports.map((each) => `${each.port}${each.name === undefined ? '' : ` (${each.name})`}`).join(', ')}`,
  );
}

function ofSlice(slice: V1EndpointSlice, name: string | undefined, url: string): Endpoint[] {
  const ports = slice.ports ?? [];
  const chosen = name === undefined ? ports[0] : ports.find((each) => (each.name ?? '') === name);
  const endpoints = (slice.endpoints ?? []).filter(({ targetRef }) => targetRef?.kind === 'Pod');
  if (endpoints.length === 0) return [];
  if (chosen?.port === undefined)
    throw request(
      'service-port',
      `${url}: its Service has no port "${name ?? ''}"`,
      `It has: ${ports.map((each) => each.name ?? String(each.port)).join(', ')}`,
    );
  const { port } = chosen;
  return endpoints.map(({ targetRef, conditions }) => ({
    pod: targetRef?.name ?? '',
    podId: targetRef?.uid ?? '',
    port,
    ready: conditions?.ready ?? true,
  }));
}

/** A ready one, each as likely, as a Service would; the one that was asked for, ready or not. */
function choose(endpoints: readonly Endpoint[], url: string, podId: string | undefined): Endpoint {
  if (podId !== undefined) {
    const own = endpoints.find((endpoint) => endpoint.podId === podId);
    if (own) return own;
    throw request(
      'not-behind-service',
      `${url} does not lead to that pod`,
      'See the selector of the Service',
    );
  }
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  const one = ready[Math.floor(Math.random() * ready.length)];
  if (one) return one;
  throw failure(
    'environment',
    'service-without-pods',
    `${url}: its Service has no ready pod`,
    'See why its pods are not ready',
  );
}

async function listen(cluster: Cluster, { pod, port }: Endpoint): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    forward(cluster, pod, port, socket).catch(() => socket.destroy());
  });
  server.on('belay-close', () => {
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

/** One connection; whatever goes wrong ends it, and the client sees a closed connection, as it would without us. */
async function forward(cluster: Cluster, pod: string, port: number, socket: Socket): Promise<void> {
  const connection = await new PortForward(cluster.config).portForward(
    cluster.namespace,
    pod,
    [port],
    socket,
    null,
    socket,
  );
  const opened = typeof connection === 'function' ? connection() : connection;
  if (!opened) return void socket.destroy();
  opened.on('close', () => socket.destroy());
  opened.on('error', () => socket.destroy());
  socket.once('close', () => opened.close());
}

async function closeAll(server: Server): Promise<void> {
  server.emit('belay-close');
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

function request(code: string, message: string, remedy: string): BelayError {
  return failure('request', code, message, remedy);
}
