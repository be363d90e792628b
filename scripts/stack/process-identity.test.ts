import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { identifyProcess, isRunning } from './process-identity.ts';

test('a process is itself as long as it runs, and then nobody', async () => {
  const child = spawn('sleep', ['30'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const identity = identifyProcess(child.pid!)!;
  expect(isRunning(identity)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isRunning(identity)).toBe(false);
});

test('a number that was given to another process, or before a reboot, is not the same', () => {
  const self = identifyProcess(process.pid)!;
  expect(isRunning(self)).toBe(true);
  expect(isRunning({ ...self, startTicks: '1' })).toBe(false);
  expect(isRunning({ ...self, bootId: 'another boot' })).toBe(false);
});
