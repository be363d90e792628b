import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

const RESTART_AFTER_MS = 500;
const STOPPED_WITHIN_MS = 20_000;

/** How a part is started. */
export interface PartSpec {
  readonly program: string;
  readonly args: readonly string[];
}

/** Runs the parts of the node: one that ends unasked is started again, as a service would be. */
export class Supervisor<Name extends string> {
  readonly #specs: Readonly<Record<Name, PartSpec>>;
  readonly #logs: string;
  readonly #running = new Map<Name, ChildProcess>();
  readonly #wanted = new Set<Name>();

  /** @param logs folder in which each part has its log. */
  constructor(specs: Readonly<Record<Name, PartSpec>>, logs: string) {
    this.#specs = specs;
    this.#logs = logs;
  }

  /** Starts a part that does not run. */
  start(name: Name): void {
    this.#wanted.add(name);
    if (!this.#running.has(name)) this.#launch(name);
  }

  /** Ends a part, and returns when its process is gone; one that does not heed is killed. */
  async stop(name: Name, signal: NodeJS.Signals): Promise<void> {
    this.#wanted.delete(name);
    const child = this.#running.get(name);
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    const patience = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await gone;
    clearTimeout(patience);
  }

  isRunning(name: Name): boolean {
    return this.#running.has(name);
  }

  #launch(name: Name): void {
    const { program, args } = this.#specs[name];
    const log = openSync(join(this.#logs, `${name}.log`), 'a', 0o600);
    const child = spawn(program, args, { stdio: ['ignore', log, log], cwd: '/' });
    closeSync(log);
    this.#running.set(name, child);
    const ended = (why: string): void => {
      if (this.#running.get(name) !== child) return;
      this.#running.delete(name);
      if (!this.#wanted.has(name)) return;
      console.log(`${name} ended (${why}), it is started again`);
      setTimeout(() => {
        if (this.#wanted.has(name) && !this.#running.has(name)) this.#launch(name);
      }, RESTART_AFTER_MS);
    };
    child.once('error', (error) => ended(error.message));
    child.once('exit', (code, signal) => ended(`exit ${code ?? signal ?? '?'}`));
  }
}
