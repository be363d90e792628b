/**
 * A deployment in memory, with faults that real parts can't be made to show on demand. Everything above the target
 * (activities, planner, gate, workflows) is the real thing.
 */
import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import type { Deployment } from '../../src/domain/deployment.ts';
import { failure } from '../../src/domain/errors.ts';
import type { ActContext } from '../../src/domain/act.ts';
import type {
  Claim,
  Goal,
  Hazard,
  Instance,
  Observed,
  Pin,
  Pins,
  Revision,
} from '../../src/domain/target.ts';
import type { Target } from '../../src/targets/target.ts';

/** How a version behaves once it runs. */
export type Behaviour = 'good' | 'sick' | 'exits' | 'wrong-version';

const REPOSITORY = 'example.test/app';

export function pin(version: string): Pin {
  return {
    reference: `${REPOSITORY}:${version}`,
    imageId: `sha256:${Buffer.from(version).toString('hex').padEnd(64, '0')}`,
  };
}

/** A step that can be made to fail: before it did anything, or after it had its effect. */
export type Fault = { readonly when: 'before' | 'after'; readonly error: unknown };

export class World {
  running: string;
  declared: string;
  claimed: Claim | undefined;
  readonly behaviours: Record<string, Behaviour> = {};
  /** What the target says is dangerous. */
  hazards: readonly Hazard[] = [];
  /** The target's own history, where it keeps one; the newest is what runs. */
  revisions: readonly Revision[] = [];
  /** Goals that were swapped to, in order. */
  readonly goals: Goal[] = [];
  readonly calls: string[] = [];
  /** Method → the faults of its next calls. */
  readonly faults: Record<string, Fault[]> = {};
  readonly deployment: Deployment;
  private readonly blocks = new Map<string, () => Promise<void>>();
  private readonly server: Server;
  readonly folder: string;

  private constructor(server: Server, folder: string, overrides: Partial<Deployment>) {
    this.server = server;
    this.folder = folder;
    this.running = '1.2.2';
    this.declared = '1.2.2';
    const { port } = server.address() as AddressInfo;
    this.deployment = { ...plainDeployment(folder, port), ...overrides };
  }

  static async create(overrides: Partial<Deployment> = {}): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'belay-world-'));
    const served: { world?: World } = {};
    const server = createServer((_, response) => {
      const { world } = served;
      const behaviour = world?.behaviour();
      const version = behaviour === 'wrong-version' ? '0.0.1' : world?.running;
      response.writeHead(behaviour === 'sick' ? 503 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: behaviour === 'sick' ? 'down' : 'ok', version }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    served.world = new World(server, folder, overrides);
    return served.world;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true });
  }

  behaviour(): Behaviour {
    return this.behaviours[this.running] ?? 'good';
  }

  /** Lines of the history file. */
  async history(): Promise<string[]> {
    const text = await readFile(this.deployment.records.history, 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean);
  }

  async previous(): Promise<string | undefined> {
    return readFile(this.deployment.records.previous, 'utf8').catch(() => undefined);
  }

  /** Makes the next call of a method fail. */
  failNext(method: string, error: unknown, when: Fault['when'] = 'before'): void {
    (this.faults[method] ??= []).push({ when, error });
  }

  /** Lets the next call of a method wait, before its effect, until it is released. */
  block(method: string): { readonly reached: Promise<void>; readonly release: () => void } {
    const reached = Promise.withResolvers<undefined>();
    const released = Promise.withResolvers<undefined>();
    this.blocks.set(method, async () => {
      reached.resolve(undefined);
      await released.promise;
    });
    return { reached: reached.promise, release: () => released.resolve(undefined) };
  }

  /** Runs a method's effect with the fault that is due, if any. */
  async step<T>(method: string, effect: () => T | Promise<T>): Promise<T> {
    this.calls.push(method);
    const block = this.blocks.get(method);
    this.blocks.delete(method);
    await block?.();
    const fault = this.faults[method]?.shift();
    if (fault?.when === 'before') throw fault.error;
    const result = await effect();
    if (fault) throw fault.error;
    return result;
  }

  target(): Target {
    return new FakeTarget(this);
  }
}

function plainDeployment(folder: string, port: number): Deployment {
  return {
    name: 'acme',
    file: join(folder, 'acme.yaml'),
    fileDigest: 'f'.repeat(64),
    labels: {},
    site: 'local',
    target: { kind: 'compose', directory: folder, files: [], envFiles: [], profiles: [] },
    components: { app: { image: REPOSITORY, tag: '{version}' } },
    version: { how: 'http', url: `http://127.0.0.1:${port}/`, jsonPath: ['version'] },
    backup: { skip: 'nothing to lose' },
    migrate: { how: 'none' },
    health: {
      url: `http://127.0.0.1:${port}/`,
      expect: { status: 'ok' },
      timeoutMs: 1_500,
      consecutive: 3,
      intervalMs: 20,
      requestTimeoutMs: 1_000,
      maxRestarts: 2,
    },
    soakMs: 0,
    approval: false,
    rollback: { onFailure: 'automatic', restoreDatabase: 'never', timeoutMs: 1_500 },
    records: { history: join(folder, 'history'), previous: join(folder, 'previous') },
    logs: join(folder, 'logs'),
    bundles: [],
    patienceMs: 60_000,
  };
}

class FakeTarget implements Target {
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  identity() {
    return Promise.resolve({ engineId: 'engine-1', machineId: 'machine-1' });
  }

  private instance(): Instance {
    const { running } = this.world;
    const exited = this.world.behaviour() === 'exits';
    return {
      id: `container-${running}`,
      name: 'acme-app-1',
      state: exited ? 'exited' : 'running',
      imageId: pin(running).imageId,
      reference: pin(running).reference,
      restarts: 0,
      startedAt: '2026-01-01T00:00:00Z',
      createdAt: '2026-01-01T00:00:00Z',
      ...(exited && { exitCode: 1 }),
    };
  }

  observe(): Promise<Observed> {
    return this.world.step('observe', () => ({
      engineId: 'engine-1',
      machineId: 'machine-1',
      tools: { docker: '28.0.0', compose: '2.40.3' },
      leastTools: {},
      platform: 'linux/amd64',
      ...this.point(),
      components: {
        app: { declared: pin(this.world.declared).reference, instances: [this.instance()] },
      },
    }));
  }

  private point() {
    const last = this.world.revisions.at(-1);
    return last ? { point: { revision: last.revision } } : {};
  }

  look() {
    return this.world.step('look', () => ({ instances: { app: [this.instance()] } }));
  }

  locate(wanted: Parameters<Target['locate']>[0]) {
    return this.world.step('locate', () =>
      Object.fromEntries(
        Object.entries(wanted).map(([component, { reference }]) => [
          component,
          {
            ...pin(reference.split(':').at(-1) ?? ''),
            platform: 'linux/amd64',
            transferBytes: 1_000,
            present: false,
          },
        ]),
      ),
    );
  }

  currentPins(): Promise<Pins> {
    return Promise.resolve({ app: pin(this.world.running) });
  }

  preview({ pins }: Goal) {
    return this.world.step('preview', () => ({
      changes: [
        {
          kind: 'edit' as const,
          file: 'docker-compose.yml',
          diff: `-${this.world.declared}\n+${pins['app']?.reference ?? ''}`,
        },
      ],
      hazards: this.world.hazards,
      notes: [],
    }));
  }

  revisions() {
    return Promise.resolve(this.world.revisions);
  }

  stop() {
    return Promise.resolve();
  }

  start() {
    return Promise.resolve();
  }

  reach(url: string) {
    return Promise.resolve({ url, close: () => Promise.resolve() });
  }

  localReferences() {
    return Promise.resolve([]);
  }

  freeImageBytes() {
    return Promise.resolve(1e12);
  }

  fetch() {
    return this.world.step('fetch', () => undefined);
  }

  claim(claim: Claim) {
    return this.world.step('claim', () => {
      const { claimed } = this.world;
      if (claimed && claimed.runId !== claim.runId) throw foreign(claimed);
      this.world.claimed = claim;
    });
  }

  readClaim() {
    return Promise.resolve(this.world.claimed);
  }

  checkClaim(runId: string) {
    const { claimed } = this.world;
    return claimed?.runId === runId ? Promise.resolve() : Promise.reject(foreign(claimed));
  }

  takeOverClaim(from: Claim, runId: string) {
    return this.world.step('takeOverClaim', () => {
      const claim = { ...from, runId };
      this.world.claimed = claim;
      return claim;
    });
  }

  releaseClaim(runId: string) {
    return this.world.step('releaseClaim', () => {
      if (this.world.claimed?.runId === runId) this.world.claimed = undefined;
    });
  }

  noteBackup() {
    return Promise.resolve();
  }

  swap(goal: Goal) {
    return this.world.step('swap', () => {
      const { pins } = goal;
      this.world.goals.push(goal);
      const version = pins['app']?.reference.split(':').at(-1) ?? '';
      this.world.declared = version;
      this.world.running = version;
      return this.observeQuietly();
    });
  }

  private observeQuietly(): Observed {
    return {
      engineId: 'engine-1',
      machineId: 'machine-1',
      tools: {},
      leastTools: {},
      platform: 'linux/amd64',
      components: {},
    };
  }

  settleChildren() {
    return Promise.resolve();
  }

  run() {
    return Promise.resolve({ exitCode: 0, stdout: this.world.running, stderr: '' });
  }

  variable() {
    return Promise.resolve(undefined);
  }

  collect(_directory: string, _context: ActContext) {
    return this.world.step('collect', () => [
      { name: 'app.log', path: '/evidence/app.log', bytes: 1, sha256: 'a'.repeat(64) },
    ]);
  }
}

function foreign(claimed: Claim | undefined) {
  return failure(
    'claim',
    'claim-foreign',
    claimed ? `another operation (${claimed.runId}) is open` : 'the claim is gone',
    'wait for it',
  );
}

/** A revision that served `version`. */
export function revision(number: number, version: string): Revision {
  return {
    revision: number,
    at: '2026-01-01T00:00:00Z',
    status: 'superseded',
    usable: true,
    description: '',
    references: { app: pin(version).reference },
  };
}
