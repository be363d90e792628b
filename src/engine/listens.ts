/**
 * Whether a port of ours is really ours. Two engines that start at the same moment may choose the same port; the one
 * that came too late would otherwise find the other's server there, and give its operations to it.
 */
import { readFile, readdir, readlink } from 'node:fs/promises';

/** State `LISTEN` in the kernel's table of sockets (include/net/tcp_states.h). */
const LISTENING = '0A';
const STATE_COLUMN = 3;
const LOCAL_ADDRESS_COLUMN = 1;
const INODE_COLUMN = 9;

/**
 * Whether one of these processes itself listens on this IPv4 port; they are asked for only once somebody does.
 * `false` also when that can't be seen.
 */
export async function listensOn(
  port: number,
  processes: () => Promise<readonly number[]>,
): Promise<boolean> {
  const inodes = await listeningInodes(port);
  if (inodes.size === 0) return false;
  const held = await Promise.all((await processes()).map(socketsOf));
  return held.flat().some((inode) => inodes.has(inode));
}

/** Numbers of the sockets that a process holds; none when it is gone. */
async function socketsOf(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const descriptors = await readdir(folder).catch(() => []);
  const links = await Promise.all(
    // Descriptors come and go while we look.
    descriptors.map((descriptor) => readlink(`${folder}/${descriptor}`).catch(() => '')),
  );
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

/** Sockets that listen on `port`, by the numbers under which their processes hold them. */
async function listeningInodes(port: number): Promise<ReadonlySet<string>> {
  const table = await readFile('/proc/self/net/tcp', 'utf8').catch(() => '');
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  return new Set(
    rows
      .filter((row) => row[STATE_COLUMN] === LISTENING)
      .filter((row) => row[LOCAL_ADDRESS_COLUMN]?.endsWith(`:${hexPort}`))
      .map((row) => row[INODE_COLUMN] ?? ''),
  );
}
