import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { endMarked } from './children.ts';

test.each([
  ['that runs', ['sleep', '60'], true],
  ['that starts a moment later', ['sh', '-c', 'sleep 0.4; exec env "$0=$1" sleep 60'], false],
])('a marked program %s is ended', async (_, argv, marked) => {
  const [name, mark] = ['BELAY_TEST_MARK', randomUUID()];
  const [program = '', ...args] = marked ? argv : [...argv, name, mark];
  const env = marked ? { ...process.env, [name]: mark } : process.env;
  const child = spawn(program, args, { env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await endMarked(name, mark);
  expect(await ended).toEqual([null, 'SIGKILL']);
});
