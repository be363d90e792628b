import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findEndpoint } from './endpoint.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'belay-endpoint-'));
});
afterEach(() => rm(home, { recursive: true }));

async function writeContext(name: string, host: string): Promise<void> {
  const id = createHash('sha256').update(name).digest('hex');
  const folder = join(home, '.docker/contexts/meta', id);
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'meta.json'),
    JSON.stringify({ Endpoints: { docker: { Host: host } } }),
  );
  await writeFile(join(home, '.docker/config.json'), JSON.stringify({ currentContext: name }));
}

describe('findEndpoint', () => {
  test('the deployment, then DOCKER_HOST, then the context, then the default', async () => {
    await writeContext('rootless', 'unix:///run/user/1/docker.sock');
    const DOCKER_HOST = 'unix:///env.sock';
    const socket = async (...[host, env]: Parameters<typeof findEndpoint>) =>
      (await findEndpoint(host, env)).socketPath;
    expect(await socket('unix:///file.sock', { HOME: home, DOCKER_HOST })).toBe('/file.sock');
    expect(await socket(undefined, { HOME: home, DOCKER_HOST })).toBe('/env.sock');
    expect(await socket(undefined, { HOME: home })).toBe('/run/user/1/docker.sock');
    expect(await socket(undefined, { HOME: home, DOCKER_CONTEXT: 'default' })).toBe(
      '/var/run/docker.sock',
    );
    expect(await socket(undefined, { HOME: '/nowhere' })).toBe('/var/run/docker.sock');
  });

  test.each(['tcp://10.0.0.1:2376', 'ssh://me:pw@host', 'unix://', 'http://x'])(
    '%s is refused, without its password',
    async (host) => {
      const failed = findEndpoint(host, {});
      await expect(failed).rejects.toMatchObject({ fault: 'request', code: 'engine-remote' });
      await expect(failed).rejects.not.toThrow(/pw/);
    },
  );

  test('a context that is not there', () =>
    expect(findEndpoint(undefined, { HOME: home, DOCKER_CONTEXT: 'gone' })).rejects.toMatchObject({
      fault: 'request',
      code: 'docker-context',
    }));
});
