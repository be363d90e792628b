/** Kills in the middle of a swap, at many moments; afterwards one more swap must make everything right. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Pins } from '../../src/domain/target.ts';
import { deployCompose, REPOSITORY, type ComposeDeployed } from './compose-project.ts';
import { claimOf, pinsOf, quiet } from './arrange.ts';
import { pushTinyImage } from './tiny-image.ts';

beforeAll(async () => {
  await pushTinyImage(`${REPOSITORY}:1`, '1');
  await pushTinyImage(`${REPOSITORY}:2`, '2');
});

let deployed: ComposeDeployed;
let pins: { from: Pins; to: Pins };
let files: Readonly<Record<string, string>>;
beforeEach(async () => {
  deployed = await deployCompose({ style: 'literal', stopsInSeconds: 1 });
  files = await deployed.files();
  pins = await pinsOf(deployed);
  await deployed.target().claim(claimOf('run', pins));
  await deployed.target().fetch(pins.to, { from: 'registry' }, pins.from, quiet());
});
afterEach(() => deployed.dispose());

/** Processes of `docker compose up` for this project; the CLI and its plugin. */
async function findUps(): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return line.includes(`\0${deployed.directory}\0`) && line.includes('\0up\0') ? [pid] : [];
    }),
  );
  return found.flat();
}

async function untilUpRuns(): Promise<number[]> {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    const pids = await findUps();
    if (pids.length > 0) return pids;
    await sleep(2);
  }
  throw new Error('docker compose up was never seen');
}

function kill(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** The new version serves, under the proper name, alone; the file has the one edit; nothing is left running. */
async function expectArrived(version: '1' | '2'): Promise<void> {
  expect(await deployed.containers()).toEqual(['PROJECT-web-1 running']);
  expect(await deployed.serving()).toBe(version);
  const changed = Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      path,
      path === 'docker-compose.yml' ? text.replace(":1' #", `:${version}' #`) : text,
    ]),
  );
  expect(await deployed.files()).toEqual(changed);
  expect(await findUps()).toEqual([]);
  expect((await deployed.target().readClaim())?.children).toEqual([]);
}

const MOMENTS = [0, 60, 150, 300, 600, 1_050, 1_150, 1_300];

describe('kill -9 of docker compose', () => {
  test.each(MOMENTS)('%i ms after its start, then on', async (moment) => {
    const swapping = deployed.target().swap({ pins: pins.to }, 'run', quiet());
    const outcome = swapping.then(
      () => 'arrived',
      (error: unknown) => error,
    );
    await untilUpRuns();
    await sleep(moment);
    kill(await findUps());
    const ended = await outcome;
    if (ended !== 'arrived')
      expect(ended).toMatchObject({ fault: 'environment', code: 'up-interrupted' });
    await deployed.target().swap({ pins: pins.to }, 'run', quiet());
    await expectArrived('2');
  });

  test.each([100, 700, 1_100])('%i ms after its start, then back', async (moment) => {
    const swapping = deployed.target().swap({ pins: pins.to }, 'run', quiet());
    const ended = swapping.catch(() => undefined);
    await untilUpRuns();
    await sleep(moment);
    kill(await findUps());
    await ended;
    await deployed.target().swap({ pins: pins.from }, 'run', quiet());
    await expectArrived('1');
  });
});

describe('kill -9 of the worker', () => {
  test.each([0, 200, 1_000])('%i ms after docker compose up started', async (moment) => {
    const script = new URL('swap-worker.ts', import.meta.url).pathname;
    const argv = [script, JSON.stringify(deployed.settings), JSON.stringify(pins.to), 'run'];
    const worker = spawn(process.execPath, argv, { stdio: ['ignore', 'inherit', 'inherit'] });
    const exited = once(worker, 'exit');
    await untilUpRuns();
    await sleep(moment);
    worker.kill('SIGKILL');
    await exited;
    // Another run takes over while the orphan may still be at work.
    const target = deployed.target();
    await target.takeOverClaim((await target.readClaim())!, 'next');
    await target.swap({ pins: pins.to }, 'next', quiet());
    await expectArrived('2');
  });
});

describe('cancellation', () => {
  test('ends docker compose before it rejects', async () => {
    const stop = new AbortController();
    const swapping = deployed.target().swap({ pins: pins.to }, 'run', quiet(stop.signal));
    const ended = expect(swapping).rejects.toThrow('cancelled');
    await untilUpRuns();
    await sleep(200);
    stop.abort(new Error('cancelled'));
    await ended;
    expect(await findUps()).toEqual([]);
    await deployed.target().swap({ pins: pins.from }, 'run', quiet());
    await expectArrived('1');
  });
});
