import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import type { Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openGate } from './gate.ts';

let directory: string;
let gate: Server;
const far = () => ({ path: join(directory, 'far') });
const near = () => ({ path: join(directory, 'near') });

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'belay-gate-'));
  gate = await openGate(near(), far());
});

afterEach(() => {
  gate.close();
  rmSync(directory, { recursive: true, force: true });
});

test('both directions are carried, also when one side has said all', async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    void text(socket).then((said) => socket.end(`heard ${said}`));
  });
  server.listen(far());
  await once(server, 'listening');
  const client = createConnection({ ...near(), allowHalfOpen: true });
  client.end('hello');
  expect(await text(client)).toBe('heard hello');
  server.close();
});

test('a connection that cannot be carried on is broken, and the next one is tried anew', async () => {
  const client = createConnection(near());
  client.on('error', () => undefined);
  await once(client, 'close');
  const server = createServer((socket) => socket.end('here'));
  server.listen(far());
  await once(server, 'listening');
  expect(await text(createConnection(near()))).toBe('here');
  server.close();
});
