/**
 * Where deployment files are looked for.
 */
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

/** The part of the environment that matters here. */
export interface FolderEnvironment {
  readonly BELAY_DEPLOYMENTS?: string | undefined;
  readonly XDG_CONFIG_HOME?: string | undefined;
}

/**
 * The folders, absolute, in the order in which they are searched: those of BELAY_DEPLOYMENTS (a list like PATH), else
 * `./deployments`, the user's `belay/deployments`, and `/etc/belay/deployments`. They need not exist.
 */
export function deploymentFolders(env: FolderEnvironment): string[] {
  const named = (env.BELAY_DEPLOYMENTS ?? '').split(delimiter).filter((folder) => folder !== '');
  if (named.length > 0) return [...new Set(named.map((folder) => resolve(folder)))];
  // An empty or relative XDG_CONFIG_HOME counts as unset, says its specification.
  const config = env.XDG_CONFIG_HOME?.startsWith('/')
    ? env.XDG_CONFIG_HOME
    : join(homedir(), '.config');
  return [resolve('deployments'), join(config, 'belay', 'deployments'), '/etc/belay/deployments'];
}
