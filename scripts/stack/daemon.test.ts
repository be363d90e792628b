import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { daemonLog, findDaemon, startDaemon, stopDaemon } from './daemon.ts';
import type { DaemonSpec } from './daemon.ts';
import { isRunning } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'belay-daemon-'));
  vi.stubEnv('XDG_STATE_HOME', directory);
});

afterEach(async () => {
  await stopDaemon('example', { signal: 'SIGKILL', withinMs: 5_000 });
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

/** A daemon that runs this script in Node and is ready when it has said so in its log. */
function example(script: string, readyWithinMs = 10_000): DaemonSpec {
  return {
    name: 'example',
    program: process.execPath,
    args: ['--eval', script],
    env: {},
    isReady: () => Promise.resolve(readFileSync(daemonLog('example'), 'utf8').includes('ready')),
    readyWithinMs,
    remedy: 'install it',
  };
}

test('a daemon is found by its record, and stopped once', async () => {
  const started = await startDaemon(example('console.log("ready"); setInterval(() => {}, 1e6)'));
  expect(findDaemon('example')).toEqual(started);
  const how = { signal: 'SIGTERM', withinMs: 5_000 } as const;
  expect(await stopDaemon('example', how)).toBe(true);
  expect(isRunning(started)).toBe(false);
  expect(await stopDaemon('example', how)).toBe(false);
});

test('one that does not heed SIGTERM is killed', async () => {
  const deaf = 'process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1e6)';
  const started = await startDaemon(example(deaf));
  expect(await stopDaemon('example', { signal: 'SIGTERM', withinMs: 200 })).toBe(true);
  expect(isRunning(started)).toBe(false);
});

test('one that ends before it is ready is reported with the end of its log', async () => {
  await expect(
    startDaemon(example('console.log("no such port"); process.exit(3)')),
  ).rejects.toThrow(/example ended before it was ready; the end of .*example\.log:\nno such port/);
});

test('one that is never ready is ended', async () => {
  const seen: ProcessIdentity[] = [];
  const silent: DaemonSpec = {
    ...example('setInterval(() => {}, 1e6)', 500),
    isReady: () => {
      const running = findDaemon('example');
      if (running !== undefined) seen.push(running);
      return Promise.resolve(false);
    },
  };
  await expect(startDaemon(silent)).rejects.toThrow(/was not ready after 500 ms/);
  expect(findDaemon('example')).toBeUndefined();
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.filter(isRunning)).toEqual([]);
});

test('a missing program is an error that says how to get it', async () => {
  const spec = { ...example(''), program: 'belay-no-such-program' };
  await expect(startDaemon(spec)).rejects.toThrow(
    'belay-no-such-program cannot be started: install it',
  );
});

test.each(['', '{"pid":', '{"pid":"1"}', '{"pid":1,"startTicks":"0","bootId":"old"}'])(
  'a record that is broken or of another process (%j) is none',
  (text) => {
    mkdirSync(join(directory, 'belay-dev'));
    writeFileSync(join(directory, 'belay-dev', 'example.json'), text);
    expect(findDaemon('example')).toBeUndefined();
  },
);
