import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { ListenOptions, NetConnectOpts, Server } from 'node:net';

/**
 * Carries every connection made to `from` on to `to`. One that cannot be carried on is reset, so
 * that a registry that is down looks so from inside the node too.
 */
export async function openGate(from: ListenOptions, to: NetConnectOpts): Promise<Server> {
  const gate = createServer({ allowHalfOpen: true }, (near) => {
    const far = createConnection({ ...to, allowHalfOpen: true });
    near.on('error', () => far.destroy());
    far.on('error', () => near.resetAndDestroy());
    near.on('close', () => far.destroy());
    near.pipe(far);
    far.pipe(near);
  });
  gate.listen(from);
  await once(gate, 'listening');
  return gate;
}
