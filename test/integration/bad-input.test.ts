/** Bad input: a clear message with its remedy, the right exit code, and nothing changed. */
import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { access, copyFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { mustRun, Site } from '../../scripts/stack/site.ts';
import { IMAGE } from '../stack/promise.ts';

const NAME = 'itbadin';
let site: Site;
let deploymentText: string;
let composeText: string;
let container: string | undefined;
let server: Server;
let health: string;

beforeAll(async () => {
  site = await Site.start({ name: NAME });
  deploymentText = await readFile(site.example.deploymentFile, 'utf8');
  composeText = await site.composeText();
  container = (await site.containers())[0]?.id;
  server = createServer((request, response) => {
    if (request.url === '/moved') response.writeHead(302, { location: '/elsewhere' }).end();
    else response.end('<html>ok</html>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  health = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await site.stop();
});
afterEach(async () => {
  await writeFile(site.example.deploymentFile, deploymentText);
  await writeFile(site.example.composeFile, composeText);
});

/** Changes settings of the deployment file by path. */
async function settings(changes: Record<string, unknown>): Promise<void> {
  const document = parseDocument(deploymentText);
  for (const [path, value] of Object.entries(changes)) document.setIn(path.split('.'), value);
  await writeFile(site.example.deploymentFile, document.toString());
}

/** Runs an upgrade that must end with `code`, say `message`, and change nothing. */
async function expectRefusal(
  args: readonly string[],
  code: number,
  ...messages: RegExp[]
): Promise<void> {
  const before = await site.composeText();
  const { code: found, stdout, stderr } = await site.belay(args);
  const said = stdout + stderr;
  for (const message of messages) expect(said).toMatch(message);
  expect(found, said).toBe(code);
  expect(said, 'a remedy is named').toContain('→');
  expect(await site.composeText()).toBe(before);
  expect((await site.containers())[0]?.id, 'the container is the same').toBe(container);
  await expect(access(join(site.example.directory, '.belay/operation.json'))).rejects.toThrow();
  await expect(access(site.example.history)).rejects.toThrow();
}

const upgrade = (...more: string[]) => ['upgrade', NAME, '--to', '1.3.0', ...more];

describe('the request', () => {
  it.each(['a/b', '..', 'two words', 'x'.repeat(300)])('the name %j', (name) =>
    expectRefusal(['upgrade', name, '--to', '1.3.0'], 2, /name/),
  );

  it('an unknown deployment, with the nearest name', () =>
    expectRefusal(['upgrade', 'itbadim', '--to', '1.3.0'], 2, /itbadim/, /itbadin/));

  it('an unknown version', () =>
    expectRefusal(['upgrade', NAME, '--to', '9.9.9'], 5, /9\.9\.9/, /has no image/));

  it('the same version', () => expectRefusal(['upgrade', NAME, '--to', '1.2.2'], 5, /1\.2\.2/));

  it('a downgrade', () =>
    expectRefusal(['upgrade', NAME, '--to', '1.2.1'], 5, /1\.2\.1/, /belay rollback/));

  it('another plan than the one named', () =>
    expectRefusal(upgrade('--plan-digest', '0'.repeat(64)), 5, /plan/));
});

describe('the deployment file', () => {
  it.each([
    ['not YAML', 'name: [itbadin', /itbadin\.yaml:1/],
    ['a list', '- name: itbadin', /mapping/],
    ['tabs', 'name: itbadin\ntarget:\n\tcompose: {}\n', /tab/i],
    ['a key twice', 'name: itbadin\nname: itbadin\n', /itbadin\.yaml:2/],
  ])('%s', async (_, text, message) => {
    await writeFile(site.example.deploymentFile, text);
    await expectRefusal(upgrade(), 2, message);
  });

  it('a wrong type and an unknown key, both at once, with the nearest key', async () => {
    await settings({ 'health.timeout': [1], helth: {} });
    await expectRefusal(upgrade(), 2, /health\.timeout/, /helth/, /health/);
  });

  it('a secret written out, without printing it', async () => {
    await settings({ 'backup.postgres.url': 'postgresql://u:topsecret@h/d' });
    const { code, stdout, stderr } = await site.belay(upgrade());
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain('topsecret');
  });
});

describe('the Compose project', () => {
  it('a service that is not in the file', async () => {
    await settings({
      'target.compose.components': { web: { image: IMAGE } },
      version: { file: '/app/.atlas-version', component: 'web' },
    });
    await expectRefusal(upgrade(), 5, /web/);
  });

  it('an image pinned by digest', async () => {
    const pinned = composeText.replace(`${IMAGE}:1.2.2`, `${IMAGE}:1.2.2@sha256:${'a'.repeat(64)}`);
    await writeFile(site.example.composeFile, pinned);
    await expectRefusal(upgrade(), 5, /digest/);
  });

  it('a file that docker compose config rejects', async () => {
    await writeFile(site.example.composeFile, `${composeText}\n  broken: true\n`);
    await expectRefusal(upgrade(), 5, /docker-compose\.yml/);
  });

  it('no Docker', async () => {
    await settings({ 'target.compose.docker-host': 'unix:///nowhere/docker.sock' });
    await expectRefusal(upgrade(), 5, /\/nowhere\/docker\.sock/);
  });
});

describe('the database and its backup', () => {
  const url = async (change: (text: string) => string) => {
    const file = join(site.folder, 'url');
    const env = await readFile(site.example.envFile, 'utf8');
    const [, found = ''] = /^TENANT_PLANE_DATABASE_URL=(.*)$/m.exec(env) ?? [];
    await writeFile(file, change(found), { mode: 0o600 });
    await settings({
      'backup.postgres': {
        url: { file },
        directory: site.example.backups,
        keep: 5,
      },
    });
  };

  it('an unreachable database', async () => {
    await url(() => 'postgresql://atlas:hunter22@127.0.0.1:9/atlas');
    await expectRefusal(upgrade(), 5, /127\.0\.0\.1:9/);
  });

  it('a wrong password, without printing it', async () => {
    const { databaseUrl } = site.example;
    await url(() => databaseUrl.replace(/:[^:@/]+@/, ':hunter22wrong@'));
    const { code, stdout, stderr } = await site.belay(upgrade());
    expect(code).toBe(5);
    expect(stdout + stderr).toMatch(/password/i);
    expect(stdout + stderr).not.toContain('hunter22wrong');
  });

  it('a missing variable', async () => {
    await settings({ 'backup.postgres.url': { env: 'NO_SUCH_VARIABLE' } });
    await expectRefusal(upgrade(), 5, /NO_SUCH_VARIABLE/);
  });

  it('a backup directory that is missing', async () => {
    await settings({ 'backup.postgres.directory': '/nowhere/backups' });
    await expectRefusal(upgrade(), 5, /\/nowhere\/backups/);
  });

  it('a backup directory that can not be written', async () => {
    await settings({ 'backup.postgres.directory': '/proc/self' });
    await expectRefusal(upgrade(), 5, /\/proc\/self/);
  });

  it('a backup directory that is full', async (context) => {
    if (process.getuid?.() !== 0) context.skip('mounting a small disk needs root');
    const directory = join(site.folder, 'small');
    await mkdir(directory);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory]);
    try {
      await settings({ 'backup.postgres.directory': directory });
      await expectRefusal(upgrade(), 5, /room|free|space/);
    } finally {
      execFileSync('umount', [directory]);
    }
  });
});

describe('health before the upgrade', () => {
  it.each([
    ['refuses', () => 'http://127.0.0.1:9/health', /not healthy|refuse/i],
    ['redirects', () => `${health}/moved`, /redirect/],
    ['is not JSON', () => `${health}/html`, /JSON/],
  ])('a health URL that %s', async (_, url, message) => {
    await settings({ 'health.url': url() });
    await expectRefusal(upgrade(), 5, message);
  });
});

describe('the bundle', () => {
  const bundle = (name: string) => join(site.example.directory, name);

  beforeAll(async () => {
    await mustRun(['docker', 'pull', `${IMAGE}:1.3.0`]);
    await mustRun(['docker', 'save', '-o', bundle('good.tar'), `${IMAGE}:1.3.0`]);
    await mustRun(['docker', 'save', '-o', bundle('other.tar'), `${IMAGE}:1.2.2`]);
    await copyFile(bundle('good.tar'), bundle('cut.tar'));
    await truncate(bundle('cut.tar'), 1_000_000);
    await writeFile(bundle('text.tar'), 'this is no archive');
  });

  it.each([
    ['missing.tar', /missing\.tar/],
    ['cut.tar', /cut\.tar/],
    ['other.tar', /other\.tar|1\.3\.0/],
    ['text.tar', /text\.tar/],
  ])('%s', (name, message) => expectRefusal(upgrade('--bundle', bundle(name)), 5, message));

  it('outside of the folders that the deployment allows', () =>
    expectRefusal(upgrade('--bundle', '/etc/hostname'), 5, /\/etc\/hostname/));
});
