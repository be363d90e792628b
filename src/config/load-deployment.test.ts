import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, GOOD, root } from './acme.fixture.ts';
import { deploymentFolders } from './deployment-folders.ts';
import { listDeployments } from './list-deployments.ts';
import { loadDeployment } from './load-deployment.ts';

describe('a good file', () => {
  it('is read with its defaults', async () => {
    const folder = await folderWith(GOOD);
    const deployment = await loadDeployment([folder], 'acme');
    const shop = join(root, 'shop');
    expect(deployment).toEqual({
      name: 'acme',
      file: join(folder, 'acme.yaml'),
      fileDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      labels: {},
      site: 'local',
      target: { kind: 'compose', directory: shop, files: [], envFiles: [], profiles: [] },
      components: { app: { image: 'registry.example.com:5000/shop/app', tag: '{version}' } },
      version: { how: 'file', component: 'app', path: '/app/.version' },
      backup: { skip: 'nothing is stored' },
      migrate: { how: 'none' },
      health: {
        url: 'http://localhost:3000/health',
        expect: {},
        timeoutMs: 90_000,
        consecutive: 3,
        intervalMs: 500,
        requestTimeoutMs: 5_000,
        maxRestarts: 2,
      },
      soakMs: 0,
      approval: false,
      rollback: { onFailure: 'automatic', restoreDatabase: 'never', timeoutMs: 60_000 },
      records: {
        history: join(shop, 'data/.atlas-upgrade-history'),
        previous: join(shop, 'data/.atlas-previous-version'),
      },
      logs: join(shop, '.belay/logs'),
      bundles: [shop],
      patienceMs: 1_800_000,
    });
  });

  it('is read with everything stated', async () => {
    const folder = await folderWith(`
name: acme
tenant: Acme Ltd
labels: {ring: canary}
site: berlin-1
target:
  compose:
    directory: /opt/shop
    files: [compose.yml, compose.prod.yml]
    env-files: [prod.env]
    profiles: [web]
    project: shop
    docker-host: unix:///run/user/1000/docker.sock
    components: {app: {image: shop/app, tag: "v{version}-alpine"}, worker: {image: shop/worker}}
version: {http: "http://localhost:3000/version", json: app.version}
backup:
  postgres: {url: {file: secrets/url}, component: db, directory: backups, keep: 2, timeout: 10m}
migrate:
  how: http
  url: http://localhost:3000/migrate
  headers: {x-service-secret: {env: SERVICE_SECRET}, accept: application/json}
  timeout: 1h30m
health: {url: "https://shop.example.com/health", expect: {status: ok, ready: true}, timeout: 2m, consecutive: 5,
  interval: 1s, request-timeout: 3s, max-restarts: 0}
soak: 10m
approval: true
window: {from: "22:00", to: "05:30", time-zone: Europe/Berlin}
rollback: {on-failure: park, restore-database: never, timeout: 90s}
records: {history: /var/lib/shop/history, previous: previous}
logs: /var/log/shop
releases: releases
bundles: [/srv/bundles, bundles]
patience: 5m
`);
    expect(await loadDeployment([folder], 'acme')).toMatchObject({
      tenant: 'Acme Ltd',
      site: 'berlin-1',
      target: {
        directory: '/opt/shop',
        files: ['compose.yml', 'compose.prod.yml'],
        envFiles: ['prod.env'],
        profiles: ['web'],
        project: 'shop',
        dockerHost: 'unix:///run/user/1000/docker.sock',
      },
      components: { app: { tag: 'v{version}-alpine' } },
      version: { how: 'http', url: 'http://localhost:3000/version', jsonPath: ['app', 'version'] },
      backup: {
        postgres: {
          url: { file: '/opt/shop/secrets/url' },
          directory: '/opt/shop/backups',
          keep: 2,
          timeoutMs: 600_000,
        },
      },
      migrate: {
        how: 'http',
        method: 'POST',
        headers: { 'x-service-secret': { env: 'SERVICE_SECRET' }, accept: 'application/json' },
        timeoutMs: 5_400_000,
      },
      health: { expect: { status: 'ok', ready: true }, maxRestarts: 0 },
      soakMs: 600_000,
      window: { from: '22:00', to: '05:30', timeZone: 'Europe/Berlin' },
      rollback: { onFailure: 'park', timeoutMs: 90_000 },
      records: { history: '/var/lib/shop/history', previous: '/opt/shop/previous' },
      releases: '/opt/shop/releases',
      bundles: ['/srv/bundles', '/opt/shop/bundles'],
      patienceMs: 300_000,
    });
  });

  it('may use anchors and merge keys', async () => {
    const folder = await folderWith(
      GOOD.replace(
        '{app: {image: registry.example.com:5000/shop/app}}',
        '{app: &a {image: shop/app}, b: {<<: *a, tag: "b{version}"}}',
      ).replace('/app/.version}', '/app/.version, component: b}'),
    );
    expect((await loadDeployment([folder], 'acme')).components).toEqual({
      app: { image: 'shop/app', tag: '{version}' },
      b: { image: 'shop/app', tag: 'b{version}' },
    });
  });

  it('waits for a ledger only when there is one', async () => {
    const backup = 'backup: {postgres: {url: {env: DB_URL}, directory: backups}}';
    const text = GOOD.replace('backup: {skip: nothing is stored}', backup);
    const plain = await loadDeployment(
      [await folderWith(`${text}migrate: {how: startup, timeout: 5m}`)],
      'acme',
    );
    expect(plain.migrate).toEqual({ how: 'none' });
    const watched = await loadDeployment(
      [await folderWith(`${text}migrate: {how: startup, ledger: schema_migrations}`)],
      'acme',
    );
    expect(watched.migrate).toEqual({
      how: 'startup',
      ledger: 'schema_migrations',
      timeoutMs: 1_800_000,
    });
  });
});

describe('finding a deployment', () => {
  it.each(['', '../acme', 'a/b', 'a b', 'Acme', '-a', 'x'.repeat(300)])(
    'refuses the name %j before looking anywhere',
    async (name) => {
      await expect(loadDeployment(['/nowhere'], name)).rejects.toMatchObject({
        fault: 'request',
        code: 'bad-name',
      });
    },
  );

  it('names the nearest and the known ones', async () => {
    const folder = await folderWith(GOOD);
    await writeFile(join(folder, 'beta.yml'), '');
    await writeFile(join(folder, 'Notes.yaml'), '');
    await writeFile(join(folder, 'readme.txt'), '');
    await expect(loadDeployment([folder], 'acmee')).rejects.toMatchObject({
      code: 'unknown-deployment',
      message: `There is no deployment "acmee" in ${folder}`,
      remedy: 'Did you mean "acme"? Known deployments: acme, beta',
    });
    await expect(loadDeployment([join(root, 'none')], 'acme')).rejects.toMatchObject({
      remedy: expect.stringContaining('acme.yaml') as string,
    });
  });

  it('takes the first folder that has it', async () => {
    const [first, second] = [await folderWith(GOOD, 'other.yaml'), await folderWith(GOOD)];
    const third = await folderWith('name: acme');
    expect((await loadDeployment([first, second, third], 'acme')).file).toBe(
      join(second, 'acme.yaml'),
    );
    expect(await listDeployments([first, second, third, '/nowhere'])).toEqual([
      { name: 'acme', file: join(second, 'acme.yaml') },
      { name: 'other', file: join(first, 'other.yaml') },
    ]);
  });

  it('refuses two files of one name in a folder', async () => {
    const folder = await folderWith(GOOD);
    await writeFile(join(folder, 'acme.yml'), GOOD);
    await expect(loadDeployment([folder], 'acme')).rejects.toMatchObject({ code: 'two-files' });
  });

  it('refuses what is no file', async () => {
    const folder = await folderWith(GOOD, 'other.yaml');
    await mkdir(join(folder, 'acme.yaml'));
    await expect(loadDeployment([folder], 'acme')).rejects.toMatchObject({
      fault: 'request',
      message: expect.stringContaining(join(folder, 'acme.yaml')) as string,
    });
  });

  it('names a link that leads in a circle', async () => {
    const folder = await folderWith(GOOD, 'other.yaml');
    await symlink('acme.yaml', join(folder, 'acme.yaml'));
    await expect(loadDeployment([folder], 'acme')).rejects.toMatchObject({
      code: 'file-unreadable',
    });
  });
});

describe('deploymentFolders', () => {
  it('takes the named ones alone', () => {
    expect(deploymentFolders({ BELAY_DEPLOYMENTS: '/a:/b::/a' })).toEqual(['/a', '/b']);
  });
  it('looks here, in the configuration, and in /etc', () => {
    expect(deploymentFolders({ XDG_CONFIG_HOME: '/c' })).toEqual([
      join(process.cwd(), 'deployments'),
      '/c/belay/deployments',
      '/etc/belay/deployments',
    ]);
  });
});
