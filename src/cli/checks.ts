/**
 * What belay needs on a machine, checked one by one. Checks look; they start nothing and change nothing.
 */
import { statfs } from 'node:fs/promises';
import { deploymentFolders } from '../config/deployment-folders.ts';
import { listDeployments } from '../config/list-deployments.ts';
import { loadDeployment } from '../config/load-deployment.ts';
import { BelayError } from '../domain/errors.ts';
import { formatBytes } from '../domain/quantities.ts';
import { configuredTemporal } from '../engine/configured.ts';
import { readEngine } from '../engine/engine-file.ts';
import { textVariables } from '../engine/environment.ts';
import { stateFolder } from '../engine/state-folder.ts';
import { findTemporalBinary, temporalVersion } from '../engine/temporal-binary.ts';
import { run } from '../process/run.ts';

/** One check's result. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** What was found. */
  readonly found: string;
  readonly remedy?: string;
}

const LEAST_NODE = 24;
const LEAST_FREE_BYTES = 1_000_000_000;
const TIMEOUT_MS = 10_000;

/** Every check, independent of the others. */
export async function runChecks(
  profile: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<CheckResult[]> {
  const checks: Record<string, () => Promise<CheckResult>> = {
    node: () => Promise.resolve(node()),
    docker: () => docker(env),
    compose: () => compose(env),
    temporal: () => temporal(profile, env),
    engine: () => engine(profile, env),
    disk: () => disk(env),
    deployments: () => deployments(env),
  };
  return Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        return await check();
      } catch (error) {
        return failed(name, error);
      }
    }),
  );
}

function failed(name: string, error: unknown): CheckResult {
  const found = error instanceof Error ? error.message : String(error);
  const remedy = error instanceof BelayError ? error.remedy : undefined;
  return { name, ok: false, found, ...(remedy && { remedy }) };
}

function node(): CheckResult {
  const { node: version } = process.versions;
  const ok = Number(version.split('.')[0]) >= LEAST_NODE;
  return { name: 'node', ok, found: version, remedy: `Install Node ${LEAST_NODE} or newer` };
}

async function docker(env: NodeJS.ProcessEnv): Promise<CheckResult> {
  const name = 'docker';
  const found = await answerOf(
    ['docker', 'version', '--format', '{{.Server.Version}} (API {{.Server.APIVersion}})'],
    env,
  );
  if (found.ok) return { name, ok: true, found: found.text };
  const denied = /permission denied/i.test(found.text);
  const remedy = denied
    ? 'Let this user use the socket: sudo usermod -aG docker "$USER", then log in again'
    : 'Install Docker and start it, or set DOCKER_HOST to the engine that runs your deployments';
  return { name, ok: false, found: found.text, remedy };
}

async function compose(env: NodeJS.ProcessEnv): Promise<CheckResult> {
  const { ok, text } = await answerOf(['docker', 'compose', 'version', '--short'], env);
  const remedy = 'Install the Compose plugin of Docker, version 2.20 or newer';
  const isV2 = ok && Number(text.replace(/^v/, '').split('.')[0]) >= 2;
  return { name: 'compose', ok: isV2, found: text, remedy };
}

async function temporal(profile: string | undefined, env: NodeJS.ProcessEnv): Promise<CheckResult> {
  const configured = configuredTemporal(profile, env);
  if (configured) {
    const { openAdmin } = await import('../engine/admin.ts');
    const admin = openAdmin(configured);
    try {
      await admin.checkNamespace();
    } finally {
      await admin.close();
    }
    const found = `configured: ${configured.address}, namespace ${configured.namespace}`;
    return { name: 'temporal', ok: true, found };
  }
  const binary = await findTemporalBinary(env);
  return { name: 'temporal', ok: true, found: `${await temporalVersion(binary)} (${binary})` };
}

async function engine(profile: string | undefined, env: NodeJS.ProcessEnv): Promise<CheckResult> {
  const name = 'engine';
  if (configuredTemporal(profile, env)) {
    return { name, ok: true, found: 'not needed: a Temporal is configured' };
  }
  const state = stateFolder(env);
  const found = await readEngine(state);
  if (found.is === 'running') {
    const { address, uiUrl, up } = found.engine;
    return { name, ok: true, found: `runs: ${address}, UI ${uiUrl}, process ${up.pid}` };
  }
  if (found.is === 'absent') {
    return {
      name,
      ok: true,
      found: `not running; the next command starts it (state in ${state.folder})`,
    };
  }
  return {
    name,
    ok: false,
    found: `was killed, or the machine was restarted: process ${found.engine.up.pid} is gone`,
    remedy: 'Any command starts it again and lets what was open go on: belay status',
  };
}

async function disk(env: NodeJS.ProcessEnv): Promise<CheckResult> {
  const { folder } = stateFolder(env);
  const { bavail, bsize } = await statfs(folder).catch(() => statfs('/'));
  const free = bavail * bsize;
  const found = `${formatBytes(free)} free for the state of the engine (${folder})`;
  return { name: 'disk', ok: free >= LEAST_FREE_BYTES, found, remedy: 'Free at least 1 GB' };
}

async function deployments(env: NodeJS.ProcessEnv): Promise<CheckResult> {
  const name = 'deployments';
  const folders = deploymentFolders(env);
  const files = await listDeployments(folders);
  const wrong: string[] = [];
  for (const file of files) {
    try {
      await loadDeployment(folders, file.name);
    } catch (error) {
      wrong.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (wrong.length > 0) {
    return {
      name,
      ok: false,
      found: wrong.join('\n'),
      remedy: 'Correct the files; belay schema deployment says what they hold',
    };
  }
  const names = files.map((file) => file.name).join(', ');
  return { name, ok: true, found: names || `none in ${folders.join(', ')}` };
}

/** A program's first line of output, or why there is none. */
async function answerOf(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  try {
    const end = await run(argv, { env: textVariables(env), timeoutMs: TIMEOUT_MS });
    const text = (end.exitCode === 0 ? end.stdout : end.stderr || end.stdout).trim();
    return { ok: end.exitCode === 0, text: text.split('\n')[0] ?? '' };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return { ok: false, text: isMissing ? `${argv[0] ?? ''} is not on PATH` : String(error) };
  }
}
