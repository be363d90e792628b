import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateDirectory } from './place.ts';

const POLL_MS = 50;

/**
 * Runs `act` while no other process of this machine's stack does, waiting at most `withinMs` for
 * its turn.
 *
 * The lock is an abstract Unix socket: the kernel frees it with its process, so a killed holder
 * leaves nothing stale behind, which a lock file would.
 *
 * @throws Error when another process still holds the lock after `withinMs`.
 */
export async function withStackLock<T>(act: () => Promise<T>, withinMs = 120_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  let held = await tryListen();
  while (held === undefined) {
    if (Date.now() > deadline) {
      throw new Error(
        `another process has been changing the stack for ${withinMs} ms; ` +
          'see who runs scripts/stack.ts, npm test or npm run demo, and try again',
      );
    }
    await sleep(POLL_MS);
    held = await tryListen();
  }
  try {
    return await act();
  } finally {
    held.close();
  }
}

function tryListen(): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(`\0${stateDirectory()}/lock`, () => resolve(server));
  });
}
