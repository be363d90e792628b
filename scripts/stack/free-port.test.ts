import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect, test, vi } from 'vitest';
import { freePort } from './free-port.ts';

test('ports are never given twice, even asked for at once', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
  expect(new Set(ports).size).toBe(50);
});

test('ports are out of reach of outgoing connections', async () => {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
  expect(await freePort()).toBeLessThan(Number(range.split(/\s+/)[0]));
});

test('a port that something listens on is passed over', async () => {
  const taken = await freePort();
  const server = createServer().listen(taken, '127.0.0.1');
  await once(server, 'listening');
  try {
    vi.resetModules(); // a process that does not know what this one chose
    const other = await import('./free-port.ts');
    const ports: number[] = [];
    await expect(async () => {
      for (;;) ports.push(await other.freePort());
    }).rejects.toThrow('no free port from');
    expect(ports.length).toBeGreaterThan(500);
    expect(ports).not.toContain(taken);
  } finally {
    server.close();
  }
});
