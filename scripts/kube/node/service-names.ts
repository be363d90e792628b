import { z } from 'zod';
import type { Resolution } from './dns-message.ts';

const ZONE = '.svc.cluster.local';
const FRESH_MS = 1_000;

/** What a name in the cluster's zone asks for: a Service, or one pod of it by its hostname. */
export interface ServiceName {
  readonly namespace: string;
  readonly service: string;
  readonly hostname?: string;
}

/** `web.shop.svc.cluster.local` or `web-0.web.shop.svc.cluster.local`; nothing for other names. */
export function parseServiceName(name: string): ServiceName | undefined {
  if (!name.endsWith(ZONE)) return undefined;
  const labels = name.slice(0, -ZONE.length).split('.');
  const [service, namespace] = labels.slice(-2);
  if (service === undefined || namespace === undefined || labels.length > 3) return undefined;
  // They become part of a path of the API, so only what can be a name goes on.
  if (!labels.every((label) => /^[a-z0-9-]+$/.test(label))) return undefined;
  const hostname = labels.length === 3 ? labels[0] : undefined;
  return { namespace, service, ...(hostname === undefined ? {} : { hostname }) };
}

const serviceSchema = z.object({ spec: z.object({ clusterIP: z.string().optional() }) });

const slicesSchema = z.object({
  items: z.array(
    z.object({
      endpoints: z
        .array(
          z.object({
            addresses: z.array(z.string()),
            hostname: z.string().optional(),
            conditions: z.object({ ready: z.boolean().nullish() }).optional(),
          }),
        )
        .nullish(),
    }),
  ),
});

interface Remembered {
  readonly resolution: Promise<Resolution>;
  readonly atMs: number;
}

/** Resolves the names of Services through the API, as a cluster's DNS does. */
export class ServiceNames {
  readonly #read: (path: string) => Promise<string | undefined>;
  readonly #remembered = new Map<string, Remembered>();

  /** @param read the body of a GET to the API server; nothing for 404. */
  constructor(read: (path: string) => Promise<string | undefined>) {
    this.#read = read;
  }

  /** While the API server is away, what was last known of a name goes on being told. */
  async resolve(name: string): Promise<Resolution> {
    const wanted = parseServiceName(name);
    if (wanted === undefined) return { is: 'unknown' };
    const last = this.#remembered.get(name);
    if (last !== undefined && Date.now() - last.atMs < FRESH_MS) return last.resolution;
    const resolution = this.#lookUp(wanted).catch((): Promise<Resolution> | Resolution => {
      return last?.resolution ?? { is: 'failed' };
    });
    this.#remembered.set(name, { resolution, atMs: Date.now() });
    return resolution;
  }

  async #lookUp({ namespace, service, hostname }: ServiceName): Promise<Resolution> {
    const text = await this.#read(`/api/v1/namespaces/${namespace}/services/${service}`);
    if (text === undefined) return { is: 'unknown' };
    const { clusterIP = 'None' } = serviceSchema.parse(JSON.parse(text)).spec;
    if (clusterIP !== 'None' && clusterIP !== '') {
      return hostname === undefined ? { is: 'known', addresses: [clusterIP] } : { is: 'unknown' };
    }
    const addresses = await this.#podAddresses(namespace, service, hostname);
    return addresses.length === 0 ? { is: 'unknown' } : { is: 'known', addresses };
  }

  async #podAddresses(
    namespace: string,
    service: string,
    hostname: string | undefined,
  ): Promise<readonly string[]> {
    const selector = `labelSelector=kubernetes.io%2Fservice-name%3D${service}`;
    const group = '/apis/discovery.k8s.io/v1';
    const text = await this.#read(`${group}/namespaces/${namespace}/endpointslices?${selector}`);
    const { items } = slicesSchema.parse(JSON.parse(text ?? '{"items":[]}'));
    const endpoints = items
      .flatMap((slice) => slice.endpoints ?? [])
      .filter((endpoint) => endpoint.conditions?.ready !== false)
      .filter((endpoint) => hostname === undefined || endpoint.hostname === hostname);
    return endpoints.flatMap((endpoint) => endpoint.addresses);
  }
}
