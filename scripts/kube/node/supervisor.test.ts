import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Supervisor } from './supervisor.ts';

let logs: string;

beforeEach(() => {
  logs = mkdtempSync(join(tmpdir(), 'belay-supervisor-'));
  vi.spyOn(console, 'log').mockReturnValue(undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(logs, { recursive: true, force: true });
});

function supervise(script: string): Supervisor<'part'> {
  const args = ['-c', `echo started; ${script}`];
  return new Supervisor({ part: { program: 'sh', args } }, logs);
}

function starts(): number {
  return readFileSync(join(logs, 'part.log'), 'utf8').split('\n').filter(Boolean).length;
}

test('a part that ends unasked is started again', async () => {
  const supervisor = supervise('exit 3');
  supervisor.start('part');
  await vi.waitFor(() => expect(starts()).toBeGreaterThan(1), 5_000);
  await supervisor.stop('part', 'SIGKILL');
});

test('one that was stopped stays away until it is started', async () => {
  const supervisor = supervise('exec sleep 60');
  supervisor.start('part');
  supervisor.start('part');
  await vi.waitFor(() => expect(starts()).toBe(1), 5_000);
  await supervisor.stop('part', 'SIGTERM');
  expect(supervisor.isRunning('part')).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 800));
  expect(starts()).toBe(1);
  supervisor.start('part');
  await vi.waitFor(() => expect(starts()).toBe(2), 5_000);
  await supervisor.stop('part', 'SIGKILL');
});
