import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { listensOn } from './listens.ts';
import { LOOPBACK } from './ports.ts';

test('a port is its listener’s, until that ends, and nobody else’s', async () => {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await listensOn(process.pid, port)).toBe(true);
  // Whoever started us lives, and does not listen there.
  expect(await listensOn(process.ppid, port)).toBe(false);
  server.close();
  await once(server, 'close');
  expect(await listensOn(process.pid, port)).toBe(false);
});

test('a process that is gone listens nowhere', async () => {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  expect(await listensOn(2 ** 22 + 1, (server.address() as AddressInfo).port)).toBe(false);
  server.close();
});
