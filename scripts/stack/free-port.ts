/**
 * Ports for what tests, the demo and the bench start. They lie below the range that the kernel hands out to outgoing
 * connections: a port of that range can be gone between choosing and use, and whenever what serves there restarts.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

const FIRST = 10_000;
/** Ports of each process of a test run: no two choose the same one while neither listens there yet. */
const SHARE = 1000;
/** Up to 29,999: NodePorts begin above it. */
const SHARES = 20;

const given = new Set<number>();

/** A TCP port that nothing listens on, on any address; each call gives another one. */
export async function freePort(): Promise<number> {
  const first = FIRST + (Number(process.env['VITEST_POOL_ID'] ?? 0) % SHARES) * SHARE;
  const ports = Array.from({ length: SHARE }, (_, offset) => first + offset);
  const begin = Math.floor(Math.random() * SHARE);
  for (const port of [...ports.slice(begin), ...ports.slice(0, begin)]) {
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port from ${first} to ${first + SHARE - 1}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, exclusive: true });
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
