/**
 * A lock that can't be left behind: the kernel frees it when its process ends, however it ends.
 */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { failure } from '../../domain/errors.ts';

const RETRY_MS = 20;
const PATIENCE_MS = 10_000;

/**
 * Runs `work` while no other process of this machine (and no other call here) runs under the same `key`. The lock is
 * the name of a socket in Linux's abstract namespace: only one process can bind it, and no file has to be cleaned up.
 *
 * @throws BelayError fault `environment`, code `claim-busy`, when it is not free within 10 s.
 */
export async function locked<T>(key: string, work: () => Promise<T>): Promise<T> {
  const digest = createHash('sha256').update(key).digest('hex');
  const name = `\0belay/${process.getuid?.() ?? 0}/${digest}`;
  const deadline = Date.now() + PATIENCE_MS;
  let server = await bind(name);
  while (!server) {
    if (Date.now() > deadline)
      throw failure(
        'environment',
        'claim-busy',
        `Another belay has been changing the claim at ${key} for ${PATIENCE_MS / 1000} s`,
        'See whether a worker of belay hangs; belay tries again',
      );
    await sleep(RETRY_MS);
    server = await bind(name);
  }
  const held = server;
  try {
    return await work();
  } finally {
    await new Promise<void>((resolve) => held.close(() => resolve()));
  }
}

function bind(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ path: name, exclusive: true }, () => resolve(server));
  });
}
