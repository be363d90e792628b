/**
 * Ports of the embedded server: those of its last run when they are free, so that links into the UI stay valid;
 * else Temporal's usual ones; else any.
 */
import { createServer } from 'node:net';
import { z } from 'zod';
import { readJson, writeJson } from './small-file.ts';
import type { StateFolder } from './state-folder.ts';

/** The loopback address that everything of the embedded engine listens on. */
export const LOOPBACK = '127.0.0.1';

const portsSchema = z.strictObject({
  grpc: z.int().min(1).max(65_535),
  ui: z.int().min(1).max(65_535),
});

/** Ports of the server and of its UI. */
export type Ports = z.infer<typeof portsSchema>;

const USUAL: Ports = { grpc: 7233, ui: 8233 };

/** Chooses free ports and remembers them. */
export async function choosePorts(state: StateFolder): Promise<Ports> {
  const last = await readJson(state.portsFile, portsSchema);
  for (const ports of last ? [last, USUAL] : [USUAL]) {
    if ((await isFree(ports.grpc)) && (await isFree(ports.ui))) return remember(state, ports);
  }
  return remember(state, { grpc: await anyFree(), ui: await anyFree() });
}

async function remember(state: StateFolder, ports: Ports): Promise<Ports> {
  await writeJson(state.portsFile, ports);
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  return (await listen(port)) !== undefined;
}

async function anyFree(): Promise<number> {
  const port = await listen(0);
  if (port === undefined) throw new Error(`no free port on ${LOOPBACK}`);
  return port;
}

/** Listens for a moment; the port, or undefined when it is taken. */
function listen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === 'object' && address ? address.port : undefined),
      );
    });
  });
}
