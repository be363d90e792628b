import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder in which the development stack keeps what outlives a process: records of the daemons
 * it started, their logs and the registry's images. Outside the checkout, so that clones share it.
 */
export function stateDirectory(): string {
  const base = process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  return join(base, 'belay-dev');
}
