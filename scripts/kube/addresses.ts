/** Addresses of one cluster. Pods and Services exist inside its network namespace alone. */
export interface Addresses {
  /** Which of the possible clusters of this machine it is: 0 to 255. */
  readonly index: number;
  /** Network device on the host; the pair's other end is the node's `eth0`. */
  readonly device: string;
  /** Address of the host on the link between both. */
  readonly host: string;
  /** Address of the node: API server and NodePorts. */
  readonly node: string;
  readonly prefix: number;
}

export const podRange = '10.244.0.0/24';
export const serviceRange = '10.96.0.0/16';
/** The first address of the range, which Kubernetes gives to its own API. */
export const apiService = '10.96.0.1';
export const nodeName = 'belay-node';

const CLUSTERS = 256;

/** The addresses of cluster number `index`: a subnet of two usable addresses. */
export function addressesOf(index: number): Addresses {
  const subnet = `10.213.${index}`;
  const ends = { host: `${subnet}.1`, node: `${subnet}.2` };
  return { index, device: `belay-k${index}`, ...ends, prefix: 30 };
}

/**
 * The first cluster whose subnet none of the host's routes leads to; a default route leads
 * everywhere and does not count.
 *
 * @param destinations the host's routes as `ip` names them: `10.0.0.0/8`, `192.0.2.1`, `default`.
 */
export function firstFree(destinations: readonly string[]): Addresses | undefined {
  const taken = destinations.map(parseRange).filter((range) => range !== undefined);
  for (let index = 0; index < CLUSTERS; index += 1) {
    const addresses = addressesOf(index);
    const own = parseRange(`10.213.${index}.0/${addresses.prefix}`);
    if (own !== undefined && !taken.some((range) => overlap(range, own))) return addresses;
  }
  return undefined;
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Nothing for what is no IPv4 range, and for one that is everything. */
function parseRange(text: string): Range | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const bytes = match.slice(1, 5).map(Number);
  const bits = Number(match[5] ?? 32);
  if (bits === 0) return undefined;
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const size = 2 ** (32 - bits);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
}

function overlap(one: Range, other: Range): boolean {
  return one.first <= other.last && other.first <= one.last;
}
