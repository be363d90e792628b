/**
 * One user's engine in folders of its own: the real `belay`, the real Temporal server.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../scripts/stack/free-port.ts';
import { readEngine } from '../../src/engine/engine-file.ts';
import { findServers } from '../../src/engine/orphans.ts';
import { stateFolder } from '../../src/engine/state-folder.ts';
import { findTemporalBinary } from '../../src/engine/temporal-binary.ts';
import { stopEngine } from '../../src/engine/stop-engine.ts';

const BELAY = fileURLToPath(new URL('../../bin/belay', import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes the folders; ports are free ones, so that tests leave Temporal's usual ones alone. */
export async function createEngineFixture() {
  const base = await mkdtemp(join(tmpdir(), 'belay-engine-'));
  const deployments = join(base, 'deployments');
  const state = stateFolder({ BELAY_STATE: join(base, 'state') });
  await mkdir(deployments);
  await mkdir(state.folder, { mode: 0o700 });
  await writeFile(
    state.portsFile,
    JSON.stringify({ grpc: await freePort(), ui: await freePort() }),
  );
  const env = {
    ...withoutTemporal(process.env),
    BELAY_STATE: state.folder,
    BELAY_DEPLOYMENTS: deployments,
    BELAY_IDLE_MINUTES: '5',
  };
  const belay = (argv: readonly string[], more: Record<string, string> = {}) =>
    runProgram(process.execPath, [BELAY, ...argv], { ...env, ...more });
  return {
    state,
    deployments,
    env,
    belay,
    /** A command that is not waited for. */
    start: (...argv: string[]) => spawn(process.execPath, [BELAY, ...argv], { env }),
    /** The `temporal` program, pointed at the engine. */
    temporal: async (...argv: string[]) => {
      const engine = await running(state);
      return runProgram(await findTemporalBinary(env), [...argv, '--address', engine.address], env);
    },
    engine: () => running(state),
    servers: () => findServers(state.databaseFile),
    log: () => readFile(state.logFile, 'utf8').catch(() => ''),
    close: async () => {
      await stopEngine(state);
      await rm(base, { recursive: true });
    },
  };
}

/** The fixture's type. */
export type EngineFixture = Awaited<ReturnType<typeof createEngineFixture>>;

async function running(state: ReturnType<typeof stateFolder>) {
  const found = await readEngine(state);
  if (found.is === 'running') return found.engine;
  const log = await readFile(state.logFile, 'utf8').catch(() => '');
  throw new Error(`the engine is ${found.is}\n${log}`);
}

async function runProgram(
  program: string,
  argv: readonly string[],
  env: Record<string, string>,
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, argv, { env, timeout: 170_000 }, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      resolve({ exitCode: typeof code === 'number' ? code : -1, stdout, stderr });
    });
  });
}

function withoutTemporal(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !entry[0].startsWith('TEMPORAL_'),
    ),
  );
}
