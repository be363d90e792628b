import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { listensOn } from './listens.ts';
import { LOOPBACK } from './ports.ts';

const of =
  (...pids: number[]) =>
  () =>
    Promise.resolve(pids);

test('a port is its listener’s, until that ends, and nobody else’s', async () => {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // Whoever started us lives, and does not listen there.
  expect(await listensOn(port, of(process.ppid))).toBe(false);
  expect(await listensOn(port, of(process.ppid, process.pid))).toBe(true);
  server.close();
  await once(server, 'close');
  expect(await listensOn(port, of(process.pid))).toBe(false);
});

test('a process that is gone listens nowhere', async () => {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await listensOn(port, of(2 ** 22 + 1))).toBe(false);
  server.close();
});
