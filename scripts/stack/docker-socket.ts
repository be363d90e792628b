import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { request } from 'node:http';
import { promisify } from 'node:util';

const DEFAULT_SOCKET = '/var/run/docker.sock';
const PING_MS = 5_000;

/**
 * The Unix socket of the engine that `docker` would use: DOCKER_HOST, else the current context,
 * else the default.
 *
 * @throws Error for an engine elsewhere: what belay's demo and tests upgrade lies in local folders.
 */
export async function resolveDockerSocket(): Promise<string> {
  const host = process.env['DOCKER_HOST'] ?? (await contextHost()) ?? `unix://${DEFAULT_SOCKET}`;
  if (!host.startsWith('unix://')) {
    throw new Error(`the Docker engine at ${host} is not on a Unix socket of this machine`);
  }
  return host.slice('unix://'.length);
}

/** Without a `docker` command, or with a broken context, the default is as good as any. */
async function contextHost(): Promise<string | undefined> {
  const args = ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'];
  try {
    const { stdout } = await promisify(execFile)('docker', args, { timeout: PING_MS });
    return stdout.trim() === '' ? undefined : stdout.trim();
  } catch {
    return undefined;
  }
}

/**
 * Whether an engine answers at this socket.
 *
 * @throws Error when this user may not use the socket: waiting or starting another cannot help.
 */
export function answersPing(socket: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const ping = request({ socketPath: socket, path: '/_ping', timeout: PING_MS }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy(new Error('timeout')));
    ping.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES') reject(notAllowed(socket, error));
      else resolve(false);
    });
    ping.end();
  });
}

function notAllowed(socket: string, cause: Error): Error {
  return new Error(
    `this user may not use the Docker engine at ${realpathSync(socket)}: ` +
      'sudo usermod -aG docker "$USER", then log in again',
    { cause },
  );
}
