/**
 * Where a command finds its Temporal: the configured one, or this user's own engine.
 */
import type { TemporalConnection } from '../domain/connection.ts';
import { failure } from '../domain/errors.ts';
import { configuredTemporal } from './configured.ts';
import { readEngine } from './engine-file.ts';
import { ensureEngine } from './ensure-engine.ts';
import { isLocked } from './lock.ts';
import { stateFolder } from './state-folder.ts';

/** What a command brings along. */
export interface ConnectSettings {
  /** A profile of Temporal's configuration file; undefined: `$TEMPORAL_PROFILE`, else the default one. */
  readonly profile: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Absolute folders in which this command looks for deployment files. */
  readonly deploymentFolders: readonly string[];
  /** Called when the embedded engine has to be started. */
  readonly onStart?: () => void;
}

/** A Temporal to talk to. */
export interface FoundEngine {
  readonly connection: TemporalConnection;
  readonly embedded: boolean;
  /** Known only for the embedded engine. */
  readonly uiUrl?: string;
}

/** Finds the Temporal; starts the embedded engine when none is configured and none runs. */
export async function connectEngine(settings: ConnectSettings): Promise<FoundEngine> {
  const configured = configuredTemporal(settings.profile, settings.env);
  if (configured) return { connection: configured, embedded: false };
  const { address, namespace, uiUrl } = await ensureEngine({
    ...settings,
    state: stateFolder(settings.env),
  });
  return { connection: { address, namespace }, embedded: true, uiUrl };
}

/**
 * Finds the Temporal again after it was lost. An engine that crashed is started anew, so that what was open goes on;
 * one that someone stopped is not: throws `environment` then.
 */
export async function reconnectEngine(settings: ConnectSettings): Promise<FoundEngine> {
  if (configuredTemporal(settings.profile, settings.env)) return connectEngine(settings);
  const state = stateFolder(settings.env);
  const found = await readEngine(state);
  if (found.is === 'absent' && !isLocked(state.lockFile)) {
    throw failure(
      'environment',
      'engine-stopped',
      'The engine was stopped: what was open stands still',
      'Any belay command starts it again and lets it go on: belay status',
    );
  }
  return connectEngine(settings);
}
