/**
 * Room for images.
 */
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { engineFacts } from './machine.ts';
import type { Scope } from './scope.ts';

/** Free bytes where images are stored; undefined when the folder can't be seen from here. */
export async function freeImageBytes(scope: Scope): Promise<number | undefined> {
  const { rootDirectory } = await engineFacts(await scope.engine());
  // The folder itself may be closed to us; its parent is on the same disk unless someone mounted one there.
  for (const folder of [rootDirectory, dirname(rootDirectory)]) {
    const room = await statfs(folder).catch(() => undefined);
    if (room) return room.bavail * room.bsize;
  }
  return undefined;
}
