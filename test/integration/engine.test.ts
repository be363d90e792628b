import { once } from 'node:events';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTicks } from '../../src/process/run.ts';
import { createEngineFixture } from './engine-fixture.ts';
import type { EngineFixture } from './engine-fixture.ts';

let user: EngineFixture;

beforeEach(async () => {
  user = await createEngineFixture();
});

afterEach(() => user.close());

async function until(isTrue: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`never: ${what}\n${await user.log()}`);
    await sleep(50);
  }
}

/** Any command starts the engine. */
async function start(more: Record<string, string> = {}): Promise<void> {
  const { exitCode, stderr } = await user.belay(['status'], more);
  const said = exitCode === 0 ? stderr : `${stderr}${await user.log()}`;
  expect([exitCode, said]).toEqual([0, 'starting the engine of this user…\n']);
}

const isGone = async (pid: number) => (await startTicks(pid)) === undefined;

/** An operation that nobody works on, so that it stays open. */
async function openOperation(): Promise<void> {
  const started = await user.temporal(
    ...['workflow', 'start', '--type', 'upgrade', '--workflow-id', 'deployment/acme'],
    ...['--task-queue', 'nobody', '--input', '{"deployment":"acme","to":"1.3.0"}'],
  );
  expect(started).toMatchObject({ exitCode: 0 });
}

async function openDeployments(): Promise<unknown> {
  const { stdout } = await user.belay(['status', '--json']);
  const { open } = JSON.parse(stdout) as { open: { deployment: string }[] };
  return open.map(({ deployment }) => deployment);
}

describe('a command', () => {
  test('starts the engine, and the next command finds it', async () => {
    expect(await user.belay(['status'])).toMatchObject({ exitCode: 0 });
    const engine = await user.engine();
    expect(engine).toMatchObject({ detached: true, namespace: 'default' });
    expect((await user.belay(['status'])).stderr).toBe('');
    expect(await user.engine()).toEqual(engine);
  });

  test('leaves nothing readable to others, and history for a year', async () => {
    await start();
    expect((await stat(user.state.folder)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(user.state.folder)) {
      // The database's journal comes and goes.
      const found = await stat(`${user.state.folder}/${name}`).catch(() => undefined);
      if (found) expect([name, found.mode & 0o077]).toEqual([name, 0]);
    }
    const { stdout } = await user.temporal(
      'operator',
      'namespace',
      'describe',
      'default',
      '-o',
      'json',
    );
    expect(stdout).toContain('31536000s');
    const attributes = await user.temporal('operator', 'search-attribute', 'list');
    expect(attributes.stdout).toMatch(/BelayDeployment\s+Keyword/);
  });

  test('of ten at once, each is answered and one engine runs', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => user.belay(['status'])));
    expect(all.map(({ exitCode, stderr }) => [exitCode, stderr.includes('✗')])).toEqual(
      all.map(() => [0, false]),
    );
    expect(await user.servers()).toHaveLength(1);
  });

  test('of two users at the same moment, on the same ports, each gets a server of its own', async () => {
    const other = await createEngineFixture();
    try {
      await writeFile(other.state.portsFile, await readFile(user.state.portsFile));
      const both = await Promise.all([user.belay(['status']), other.belay(['status'])]);
      expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
      const [ours, theirs] = await Promise.all([user.engine(), other.engine()]);
      expect(ours.address).not.toBe(theirs.address);
      const logs = await Promise.all([user.log(), other.log()]);
      // Taken for ready on the other's answers, it would have been given operations, and then ended.
      expect(logs.join('')).not.toContain('starting it again');
    } finally {
      await other.close();
    }
  });

  test('does not mistake a leftover file for an engine', async () => {
    const leftover = {
      version: 1,
      belay: '0.1.0',
      address: '127.0.0.1:1',
      namespace: 'default',
      uiUrl: 'http://127.0.0.1:1',
      up: { pid: process.pid, startTicks: '1' },
      server: { pid: process.pid, startTicks: '1' },
      detached: true,
      startedAt: '2026-03-26T10:00:00.000Z',
    };
    await writeFile(user.state.engineFile, JSON.stringify(leftover));
    expect(await user.belay(['status'])).toMatchObject({ exitCode: 0 });
    expect((await user.engine()).up.pid).not.toBe(process.pid);
  });

  test('says why the engine can not be started', async () => {
    const { exitCode, stdout } = await user.belay(['status', '--json'], {
      BELAY_TEMPORAL_BIN: '/nowhere/temporal',
    });
    expect(exitCode).toBe(1);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    expect(error.code).toBe('engine-start');
    expect(error.message).toContain('/nowhere/temporal');
  });
});

describe('after kill -9', () => {
  test('of the engine, its orphaned server is ended and what was open goes on', async () => {
    await start();
    await openOperation();
    const before = await user.engine();
    process.kill(before.up.pid, 'SIGKILL');
    await until(() => isGone(before.up.pid), 'the engine is gone');
    expect(await user.servers()).toHaveLength(1);
    expect(await openDeployments()).toEqual(['acme']);
    const after = await user.engine();
    expect(after.up.pid).not.toBe(before.up.pid);
    expect(await isGone(before.server.pid)).toBe(true);
    expect(await user.servers()).toHaveLength(1);
    expect(after.uiUrl).toBe(before.uiUrl);
  });

  test('of engine and server, the next command starts both', async () => {
    await start();
    await openOperation();
    const { up, server } = await user.engine();
    process.kill(up.pid, 'SIGKILL');
    process.kill(server.pid, 'SIGKILL');
    expect(await openDeployments()).toEqual(['acme']);
  });

  test('of the server alone, the engine starts it again by itself', async () => {
    await start();
    await openOperation();
    const before = await user.engine();
    process.kill(before.server.pid, 'SIGKILL');
    const isBack = () =>
      user.engine().then(
        (now) => now.server.pid !== before.server.pid,
        () => false,
      );
    await until(isBack, 'the server is back');
    expect((await user.engine()).up).toEqual(before.up);
    expect(await openDeployments()).toEqual(['acme']);
  });
});

describe('a command that watches', () => {
  /** `belay status acme --watch`, once it has shown the operation. */
  async function watching() {
    await start();
    await openOperation();
    const child = user.start('status', 'acme', '--watch');
    const said: string[] = [];
    child.stderr.on('data', (text: Buffer) => said.push(text.toString()));
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
    await once(child.stdout, 'data');
    return { child, said: () => said.join(''), ended };
  }

  test('ends by Ctrl-C with 130, and the operation stays open', async () => {
    const { child, said, ended } = await watching();
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(said()).toContain('belay status acme --watch');
    expect(await openDeployments()).toEqual(['acme']);
  });

  test('starts an engine that was killed, and goes on watching', async () => {
    const { child, said, ended } = await watching();
    const { up, server } = await user.engine();
    process.kill(up.pid, 'SIGKILL');
    process.kill(server.pid, 'SIGKILL');
    const isBack = () =>
      user.engine().then(
        (now) => now.up.pid !== up.pid,
        () => false,
      );
    await until(isBack, 'the engine is back');
    expect(child.exitCode).toBeNull();
    expect(said()).toContain('looking for it again');
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
  });

  test('does not start an engine that was stopped', async () => {
    const { said, ended } = await watching();
    await user.belay(['up', '--stop']);
    expect(await ended).toEqual([1, null]);
    expect(said()).toContain('The engine was stopped');
    expect(await user.servers()).toEqual([]);
  });
});

describe('an engine', () => {
  test('that is stopped leaves no process and no file that says it runs', async () => {
    await start();
    const { up, server } = await user.engine();
    expect(await user.belay(['up', '--stop'])).toMatchObject({ exitCode: 0 });
    expect(await isGone(up.pid)).toBe(true);
    expect(await isGone(server.pid)).toBe(true);
    expect(await user.servers()).toEqual([]);
    await expect(stat(user.state.engineFile)).rejects.toThrow('ENOENT');
    expect((await user.belay(['up', '--stop'])).stdout).toContain('was not up');
  });

  test('in the foreground ends by SIGTERM; a second one says that it runs already', async () => {
    const foreground = user.start('up');
    const [said] = (await once(foreground.stdout, 'data')) as [Buffer];
    expect(said.toString()).toContain('belay is up');
    const second = await user.belay(['up']);
    expect(second).toMatchObject({ exitCode: 0 });
    expect(second.stdout).toContain(`already: Temporal at ${(await user.engine()).address}`);
    foreground.kill('SIGTERM');
    expect(await once(foreground, 'exit')).toEqual([0, null]);
    expect(await user.servers()).toEqual([]);
  });

  test('that a command started ends when idle, but not while an operation is open', async () => {
    await start({ BELAY_IDLE_MINUTES: '0.2' });
    await openOperation();
    const { up } = await user.engine();
    await sleep(15_000);
    expect(await isGone(up.pid)).toBe(false);
    await user.temporal(
      'workflow',
      'terminate',
      '--workflow-id',
      'deployment/acme',
      '--reason',
      'x',
    );
    await until(() => isGone(up.pid), 'the idle engine ended');
    expect(await user.servers()).toEqual([]);
    await expect(stat(user.state.engineFile)).rejects.toThrow('ENOENT');
  });
});
