/**
 * One copy of the example, running, and a `belay` of its own: for the demo, the tests and the bench.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  prepareExample,
  type PreparedExample,
  type PrepareOptions,
} from '../../examples/tenant-plane/prepare.ts';
import { readEngine } from '../../src/engine/engine-file.ts';
import { stateFolder } from '../../src/engine/state-folder.ts';
import { freePort } from './free-port.ts';

const BELAY = fileURLToPath(new URL('../../bin/belay', import.meta.url));

/** What a finished command printed. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@link run}. */
export interface RanOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string | undefined>;
  readonly timeoutMs?: number;
  /** Called with the child's PID as soon as it runs. */
  readonly onStart?: (pid: number) => void;
  /** The command writes to this terminal itself; nothing is returned of what it prints. */
  readonly show?: boolean;
}

/** Runs a program to its end; never throws for an exit code. */
export function run(argv: readonly string[], options: RanOptions = {}): Promise<Ran> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: options.show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs a program, and throws with what it printed when it fails. */
export async function mustRun(argv: readonly string[], options: RanOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(argv, options);
  if (code !== 0)
    throw new Error(`${argv.join(' ')} exited ${code ?? 'by a signal'}:\n${stderr}${stdout}`);
  return stdout;
}

/** How a site is started. */
export type SiteOptions = Partial<PrepareOptions> & {
  readonly name: string;
  /** Engine state shared between sites; by default each site has its own. */
  readonly state?: string;
  readonly leftovers?: 'remove' | 'refuse';
};

async function clearProject(name: string, leftovers: 'remove' | 'refuse'): Promise<void> {
  const filter = ['--filter', `label=com.docker.compose.project=${name}`];
  const containers = lines(await mustRun(['docker', 'ps', '-aq', ...filter]));
  const volumes = lines(await mustRun(['docker', 'volume', 'ls', '-q', ...filter]));
  if (containers.length === 0 && volumes.length === 0) return;
  if (leftovers === 'refuse') {
    throw new Error(
      `a Compose project "${name}" is there already; if it is not yours to keep: docker compose -p ${name} down -v`,
    );
  }
  await mustRun(['docker', 'compose', '-p', name, 'down', '-v', '-t', '1']);
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean);
}

/** What a container of the site is. */
export interface SeenContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly state: string;
}

/** A running copy of the example with a belay beside it. */
export class Site {
  readonly example: PreparedExample;
  readonly folder: string;
  /** Environment of this site's belay: its own engine state and deployments. */
  readonly env: Record<string, string>;

  private constructor(example: PreparedExample, folder: string, state: string) {
    this.example = example;
    this.folder = folder;
    this.env = {
      BELAY_STATE: state,
      BELAY_DEPLOYMENTS: example.deployments,
      NO_COLOR: '1',
      TEMPORAL_ADDRESS: '',
    };
  }

  /**
   * Prepares a copy, brings it up and waits until it is healthy. Throws when a Compose project of that name exists: it
   * may be somebody's; with `leftovers: 'remove'` (for names that only tests use) it is removed first, data and all.
   */
  static async start({ leftovers, state: shared, ...rest }: SiteOptions): Promise<Site> {
    await clearProject(rest.name, leftovers ?? 'remove');
    const folder = await mkdtemp(join(tmpdir(), `belay-${rest.name}-`));
    const state = shared ?? join(folder, 'state');
    const example = await prepareExample(join(folder, 'app'), {
      port: await freePort(),
      dbPort: await freePort(),
      ...rest,
    });
    const site = new Site(example, folder, state);
    try {
      await site.compose('up', '-d');
      await site.healthy(60_000);
    } catch (error) {
      await site.stop();
      throw error;
    }
    return site;
  }

  /** `docker compose …` in the project. */
  compose(...args: string[]): Promise<string> {
    return mustRun(['docker', 'compose', ...args], { cwd: this.example.directory });
  }

  /** `belay …`, from the sources. */
  belay(args: readonly string[], options: RanOptions = {}): Promise<Ran> {
    return run([process.execPath, BELAY, ...args], {
      timeoutMs: 300_000,
      ...options,
      env: { ...this.env, ...options.env },
    });
  }

  /** `belay … --json`: the exit code and the object. */
  async json(
    args: readonly string[],
    options: RanOptions = {},
  ): Promise<{ code: number | null; json: Record<string, unknown>; stderr: string }> {
    const { code, stdout, stderr } = await this.belay([...args, '--json'], options);
    try {
      return { code, json: JSON.parse(stdout) as Record<string, unknown>, stderr };
    } catch {
      throw new Error(
        `belay ${args.join(' ')} printed no JSON (exit ${code ?? '?'}):\n${stdout}${stderr}`,
      );
    }
  }

  /** The version that answers, or undefined while none does. */
  async serving(): Promise<string | undefined> {
    try {
      const response = await fetch(`${this.example.url}/api/health`, {
        signal: AbortSignal.timeout(10_000),
      });
      const body = (await response.json()) as { status?: string; version?: string };
      return response.ok && body.status === 'ok' ? body.version : undefined;
    } catch {
      return undefined;
    }
  }

  async healthy(withinMs: number): Promise<string> {
    const until = Date.now() + withinMs;
    while (Date.now() < until) {
      const version = await this.serving();
      if (version !== undefined) return version;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${this.example.name} was not healthy within ${withinMs} ms`);
  }

  /** Containers of the service, stopped ones too. */
  async containers(service = 'tenant-plane'): Promise<SeenContainer[]> {
    const ids = await mustRun([
      'docker',
      'ps',
      '-aq',
      '--no-trunc',
      '--filter',
      `label=com.docker.compose.project=${this.example.name}`,
      '--filter',
      `label=com.docker.compose.service=${service}`,
    ]);
    const list = lines(ids);
    if (list.length === 0) return [];
    const text = await mustRun(['docker', 'inspect', ...list]);
    const found = JSON.parse(text) as {
      Id: string;
      Name: string;
      Image: string;
      State: { Status: string };
      Config: { Image: string };
    }[];
    return found.map((container) => ({
      id: container.Id,
      name: container.Name.replace(/^\//, ''),
      image: container.Config.Image,
      imageId: container.Image,
      state: container.State.Status,
    }));
  }

  /** Address of the UI of this site's engine; undefined while none runs. */
  async uiUrl(): Promise<string | undefined> {
    const found = await readEngine(stateFolder(this.env));
    return found.is === 'running' ? found.engine.uiUrl : undefined;
  }

  composeText(): Promise<string> {
    return readFile(this.example.composeFile, 'utf8');
  }

  /** Tags of belay's own, by which it keeps images of this project from being pruned. */
  private async dropKeptImages(): Promise<void> {
    const kept = await run([
      ...['docker', 'images', '--format', '{{.Repository}}:{{.Tag}}'],
      ...['--filter', `reference=belay-keep/${this.example.name}-*`],
    ]);
    const references = lines(kept.stdout);
    if (references.length > 0) await run(['docker', 'image', 'rm', ...references]);
  }

  /** Ends belay's engine, the containers and the volumes, and removes the folder. */
  async stop(): Promise<void> {
    await this.belay(['up', '--stop']);
    await run(['docker', 'compose', 'down', '-v', '-t', '1'], { cwd: this.example.directory });
    await this.dropKeptImages();
    await rm(this.folder, { recursive: true, force: true });
  }
}
