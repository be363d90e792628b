/**
 * The example on a cluster, and a `belay` of its own beside it: for the demo, the tests and the bench.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  prepareOnCluster,
  removeFromCluster,
} from '../../examples/tenant-plane/prepare-cluster.ts';
import type {
  ClusterExample,
  ClusterOptions,
} from '../../examples/tenant-plane/prepare-cluster.ts';
import { openCluster } from '../../src/cluster/cluster.ts';
import { reach } from '../../src/cluster/reach.ts';
import { readEngine } from '../../src/engine/engine-file.ts';
import { stateFolder } from '../../src/engine/state-folder.ts';
import { run } from './site.ts';
import type { Ran, RanOptions } from './site.ts';

const BELAY = fileURLToPath(new URL('../../bin/belay', import.meta.url));

/** How an installation on a cluster is made. */
export interface ClusterSiteOptions extends Omit<ClusterOptions, 'folder'> {
  /** Whether {@link ClusterSite.stop} waits until the namespace is gone, which takes some 10 s; it does when left out. */
  readonly awaitRemoval?: boolean;
}

/** An installation of the example on a cluster, with a belay on this machine. */
export class ClusterSite {
  readonly example: ClusterExample;
  readonly folder: string;
  /** Environment of this site's belay: its own engine state and deployments. */
  readonly env: Record<string, string>;

  private readonly awaitRemoval: boolean;

  private constructor(example: ClusterExample, folder: string, awaitRemoval: boolean) {
    this.example = example;
    this.awaitRemoval = awaitRemoval;
    this.folder = folder;
    this.env = {
      BELAY_STATE: join(folder, 'state'),
      BELAY_DEPLOYMENTS: example.deployments,
      NO_COLOR: '1',
      TEMPORAL_ADDRESS: '',
    };
  }

  /**
   * Installs it in a new namespace, and waits until it is healthy.
   *
   * @throws Error when the namespace is there already: it may be somebody's.
   */
  static async start({
    awaitRemoval = true,
    ...options
  }: ClusterSiteOptions): Promise<ClusterSite> {
    const folder = await mkdtemp(join(tmpdir(), `belay-${options.name}-`));
    try {
      const example = await prepareOnCluster({ ...options, folder: join(folder, 'app') });
      return new ClusterSite(example, folder, awaitRemoval);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** `belay …`, from the sources. */
  belay(args: readonly string[], options: RanOptions = {}): Promise<Ran> {
    return run([process.execPath, BELAY, ...args], {
      timeoutMs: 600_000,
      ...options,
      env: { ...this.env, ...options.env },
    });
  }

  /** The version that the Service answers, or undefined while it answers none. */
  async serving(): Promise<string | undefined> {
    const { kubeconfig, context, namespace, url } = this.example;
    const access = { kubeconfig, namespace, ...(context !== undefined && { context }) };
    try {
      const reached = await reach(openCluster(access), `${url}/api/health`, {});
      try {
        const response = await fetch(reached.url, { signal: AbortSignal.timeout(15_000) });
        const body = (await response.json()) as { status?: string; version?: string };
        return response.ok && body.status === 'ok' ? body.version : undefined;
      } finally {
        await reached.close();
      }
    } catch {
      return undefined;
    }
  }

  /** Address of the UI of this site's engine; undefined while none runs. */
  async uiUrl(): Promise<string | undefined> {
    const found = await readEngine(stateFolder(this.env));
    return found.is === 'running' ? found.engine.uiUrl : undefined;
  }

  /** Ends belay's engine, takes the installation off the cluster, and removes the folder. */
  async stop(): Promise<void> {
    await this.belay(['up', '--stop']);
    await removeFromCluster(this.example, { wait: this.awaitRemoval });
    await rm(this.folder, { recursive: true, force: true });
  }
}
