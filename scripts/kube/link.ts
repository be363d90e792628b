import { z } from 'zod';
import { firstFree } from './addresses.ts';
import type { Addresses } from './addresses.ts';
import { execute } from './execute.ts';

const routesSchema = z.array(z.object({ dst: z.string() }));

/**
 * Addresses that nothing on this machine uses.
 *
 * @throws Error when the host's routes cover all that could be taken.
 */
export async function findAddresses(): Promise<Addresses> {
  const routes = routesSchema.parse(
    JSON.parse(await execute('ip', '-json', '-4', 'route', 'show')),
  );
  const free = firstFree(routes.map(({ dst }) => dst));
  if (free === undefined) {
    throw new Error('no subnet of 10.213.0.0/16 is free for the test cluster: see `ip route`');
  }
  return free;
}

/**
 * Links the host with the network namespace of process `pid`: a pair of devices that vanishes with
 * either end. The host's end is the only thing of the cluster that the host's network sees.
 */
export async function makeLink(addresses: Addresses, pid: number): Promise<void> {
  const { device, host, prefix } = addresses;
  const peer = ['peer', 'name', 'eth0', 'netns', String(pid)];
  await execute('ip', 'link', 'add', device, 'type', 'veth', ...peer);
  await execute('ip', 'address', 'add', `${host}/${prefix}`, 'dev', device);
  await execute('ip', 'link', 'set', device, 'up');
}

/** Removes the link if it is still there. */
export async function removeLink(device: string): Promise<void> {
  const links = z
    .array(z.object({ ifname: z.string() }))
    .parse(JSON.parse(await execute('ip', '-json', 'link', 'show')));
  if (!links.some(({ ifname }) => ifname === device)) return;
  // It goes by itself when the namespace does, which may be in this very moment.
  await execute('ip', 'link', 'delete', device).catch(() => undefined);
}
