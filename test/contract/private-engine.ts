/** A Docker engine of the test's own, so that it can be killed and restarted without disturbing anyone. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { docker } from './docker.ts';

/** A running engine. */
export class PrivateEngine {
  readonly folder: string;
  private process: ChildProcess | undefined;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async start(): Promise<PrivateEngine> {
    const engine = new PrivateEngine(await mkdtemp(join(tmpdir(), 'belay-private-engine-')));
    await engine.up();
    return engine;
  }

  /** As `DOCKER_HOST` takes it. */
  get host(): string {
    return `unix://${this.folder}/docker.sock`;
  }

  /** The `docker` program on this engine. */
  docker(argv: readonly string[]): Promise<Buffer> {
    return docker(['--host', this.host, ...argv]);
  }

  /** Starts the engine and waits until it answers. */
  async up(): Promise<void> {
    if (this.isUp()) return;
    const log = await open(join(this.folder, 'log'), 'a');
    const flags = [
      ...['--data-root', join(this.folder, 'data'), '--exec-root', join(this.folder, 'exec')],
      ...['--host', this.host, '--pidfile', join(this.folder, 'docker.pid')],
      ...['--bridge', 'none', '--iptables=false', '--ip6tables=false'],
    ];
    this.process = spawn('dockerd', flags, { stdio: ['ignore', log.fd, log.fd] });
    await log.close();
    const until = Date.now() + 60_000;
    while (Date.now() < until) {
      const answers = await this.docker(['version']).then(
        () => true,
        () => false,
      );
      if (answers) return;
      await sleep(50);
    }
    throw new Error(`the engine in ${this.folder} did not start; see its log`);
  }

  /** Ends the engine: orderly, or at once. Containers die with it or not, as they would. */
  async down(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { process } = this;
    if (!process || !this.isUp()) return;
    const exited = once(process, 'exit');
    process.kill(signal);
    await exited;
    // Its containerd dies with it, but not at once: the next engine would take it for alive and wait for it in vain.
    if (signal === 'SIGKILL')
      await rm(join(this.folder, 'exec', 'containerd', 'containerd.pid'), { force: true });
  }

  private isUp(): boolean {
    return this.process?.exitCode === null && this.process.signalCode === null;
  }

  /** Ends and removes everything. */
  async dispose(): Promise<void> {
    await this.down('SIGTERM');
    // A killed engine leaves its data folder mounted onto itself.
    const mounted = spawn('umount', [join(this.folder, 'data')], { stdio: 'ignore' });
    await once(mounted, 'exit');
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}
