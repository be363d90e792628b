import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { choosePorts, LOOPBACK } from './ports.ts';
import { stateFolder } from './state-folder.ts';
import type { StateFolder } from './state-folder.ts';

let state: StateFolder;

beforeEach(async () => {
  state = stateFolder({ BELAY_STATE: await mkdtemp(join(tmpdir(), 'belay-ports-')) });
});

afterEach(() => rm(state.folder, { recursive: true }));

async function occupy(port = 0) {
  const server = createServer().listen(port, LOOPBACK);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, server };
}

async function freePort(): Promise<number> {
  const { port, server } = await occupy();
  server.close();
  await once(server, 'close');
  return port;
}

test('the last ports are used again while they are free', async () => {
  const last = { grpc: await freePort(), ui: await freePort() };
  await writeFile(state.portsFile, JSON.stringify(last));
  expect(await choosePorts(state)).toEqual(last);
  expect(await choosePorts(state)).toEqual(last);
});

test('a port that someone else took is given up, and the choice remembered', async () => {
  const { port, server } = await occupy();
  try {
    await writeFile(state.portsFile, JSON.stringify({ grpc: port, ui: await freePort() }));
    const chosen = await choosePorts(state);
    expect(chosen.grpc).not.toBe(port);
    expect(await choosePorts(state)).toEqual(chosen);
  } finally {
    server.close();
  }
});
