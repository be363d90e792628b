import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { endProcess, findServers } from './orphans.ts';

const SCRIPT = `process.on('SIGTERM', () => undefined); console.log('up'); setInterval(() => undefined, 1000)`;

async function looksLikeServer(file: string) {
  const flags = ['server', 'start-dev', '--db-filename', file];
  const child = spawn(process.execPath, ['-e', SCRIPT, '--', ...flags]);
  await once(child.stdout, 'data');
  return child;
}

test('servers are found by their database, and ended even when they do not listen', async () => {
  const ours = await looksLikeServer('/nowhere/ours.db');
  const theirs = await looksLikeServer('/nowhere/theirs.db');
  try {
    const found = await findServers('/nowhere/ours.db');
    expect(found.map(({ pgid }) => pgid)).toEqual([ours.pid]);
    const ended = once(ours, 'exit');
    await Promise.all(found.map((server) => endProcess(server, 200)));
    await ended;
    expect(await findServers('/nowhere/ours.db')).toEqual([]);
    expect(await findServers('/nowhere/theirs.db')).toHaveLength(1);
  } finally {
    theirs.kill('SIGKILL');
    ours.kill('SIGKILL');
  }
});

test('a process that is gone, or has another start time, is left alone', async () => {
  const other = await looksLikeServer('/nowhere/other.db');
  try {
    await endProcess({ pgid: other.pid ?? 0, startTicks: '1', program: 'temporal' }, 200);
    expect(other.exitCode).toBeNull();
    expect(other.signalCode).toBeNull();
  } finally {
    other.kill('SIGKILL');
  }
});
