/**
 * The file that says where this user's engine is. It is there only while the engine is ready; one whose
 * process is gone is a leftover of a crash.
 */
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { isAlive } from '../process/run.ts';
import { readJson, writeJson } from './small-file.ts';
import type { StateFolder } from './state-folder.ts';

const processSchema = z.strictObject({
  pid: z.int().positive(),
  /** Start time in clock ticks since boot: tells a reused PID. */
  startTicks: z.string(),
});

const engineSchema = z.strictObject({
  version: z.literal(1),
  belay: z.string(),
  /** `host:port` of Temporal's front end. */
  address: z.string(),
  namespace: z.string(),
  uiUrl: z.string(),
  up: processSchema,
  server: processSchema,
  /** `true`: started by a command, and ends by itself when idle. */
  detached: z.boolean(),
  startedAt: z.iso.datetime(),
});

/** What the file holds. */
export type EngineFile = z.infer<typeof engineSchema>;

/** What is known of this user's engine. */
export type EngineState =
  | { readonly is: 'running'; readonly engine: EngineFile }
  /** It crashed, was killed, or the machine was restarted. */
  | { readonly is: 'stale'; readonly engine: EngineFile }
  | { readonly is: 'absent' };

/** Reads the file and checks that the very process which wrote it lives. */
export async function readEngine(state: StateFolder): Promise<EngineState> {
  const engine = await readJson(state.engineFile, engineSchema);
  if (engine === undefined) return { is: 'absent' };
  const alive = await isAlive({
    pgid: engine.up.pid,
    startTicks: engine.up.startTicks,
    program: 'belay',
  });
  return { is: alive ? 'running' : 'stale', engine };
}

/** Writes the file; only the holder of the lock may. */
export async function writeEngine(state: StateFolder, engine: EngineFile): Promise<void> {
  await writeJson(state.engineFile, engine);
}

/** Removes the file; gone already is fine. */
export async function removeEngine(state: StateFolder): Promise<void> {
  await rm(state.engineFile, { force: true });
}
