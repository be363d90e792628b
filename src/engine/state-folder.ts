/**
 * The folder in which one user's engine keeps its state: its file, its log, its database.
 */
import { chmod, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Absolute paths of everything that the engine keeps. */
export interface StateFolder {
  readonly folder: string;
  /** Says where the running engine is; there only while it is ready. */
  readonly engineFile: string;
  /** Held by the one `belay up` of this user, for as long as it lives. */
  readonly lockFile: string;
  /** Output of the detached engine and of its server. */
  readonly logFile: string;
  readonly databaseFile: string;
  /** The Temporal version that last opened the database. */
  readonly versionFile: string;
  /** Ports of the last run, so that links into the UI stay valid. */
  readonly portsFile: string;
  /** Folders of deployment files that commands have named. */
  readonly foldersFile: string;
}

/** `$BELAY_STATE`, else `$XDG_STATE_HOME/belay`, else `~/.local/state/belay`. Creates nothing. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): StateFolder {
  const base = env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state');
  const folder = resolve(env['BELAY_STATE'] || join(base, 'belay'));
  return {
    folder,
    engineFile: join(folder, 'engine.json'),
    lockFile: join(folder, 'engine.lock'),
    logFile: join(folder, 'engine.log'),
    databaseFile: join(folder, 'temporal.db'),
    versionFile: join(folder, 'temporal.version'),
    portsFile: join(folder, 'ports.json'),
    foldersFile: join(folder, 'folders.json'),
  };
}

/** Creates the folder for this user alone (0700), also when it was there with wider permissions. */
export async function makeStateFolder(state: StateFolder): Promise<void> {
  await mkdir(state.folder, { recursive: true, mode: 0o700 });
  await chmod(state.folder, 0o700);
}
