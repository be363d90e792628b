import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { ListenOptions, NetConnectOpts, Server, Socket } from 'node:net';

/**
 * Carries every connection made to `from` on to `to`. One that cannot be carried on is broken off,
 * so that a registry that is down looks so from inside the node too.
 */
export async function openGate(from: ListenOptions, to: NetConnectOpts): Promise<Server> {
  const gate = createServer({ allowHalfOpen: true }, (near) => {
    const far = createConnection({ ...to, allowHalfOpen: true });
    near.on('error', () => far.destroy());
    far.on('error', () => breakOff(near));
    near.on('close', () => far.destroy());
    near.pipe(far);
    far.pipe(near);
  });
  gate.listen(from);
  await once(gate, 'listening');
  return gate;
}

/** A Unix socket knows no reset, and would throw. */
function breakOff(socket: Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}
