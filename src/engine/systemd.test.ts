import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stateFolder } from './state-folder.ts';
import { installUnit, renderUnit } from './systemd.ts';

const settings = (env: NodeJS.ProcessEnv) => ({
  system: false,
  state: stateFolder({ BELAY_STATE: '/var/lib/be lay' }),
  deploymentFolders: ['/a', '/b%'],
  env,
});

test('the unit runs in the foreground, quotes its values and holds no secret', () => {
  const unit = renderUnit(
    settings({ PATH: '/bin', HOME: '/h', TEMPORAL_API_KEY: 'k3y', X: 'y' }),
    '/n/node',
  );
  expect(unit).toContain('Environment="BELAY_STATE=/var/lib/be lay"\n');
  expect(unit).toContain('Environment="BELAY_DEPLOYMENTS=/a:/b%%"\n');
  expect(unit).toContain('EnvironmentFile=-/h/.config/belay/environment\n');
  expect(unit).toMatch(/^ExecStart="\/n\/node" "\/.*\/bin\/belay" up$/m);
  expect(unit).toMatch(/^Restart=always$/m);
  expect(unit).not.toContain('k3y');
});

test('it is written where systemd looks, and started by the operator', async () => {
  const config = await mkdtemp(join(tmpdir(), 'belay-unit-'));
  try {
    const env = { XDG_CONFIG_HOME: config };
    const { file, commands } = await installUnit(settings(env));
    expect(file).toBe(join(config, 'systemd/user/belay.service'));
    expect(await readFile(file, 'utf8')).toBe(renderUnit(settings(env)));
    expect(commands).toEqual([
      'systemctl --user daemon-reload',
      'systemctl --user enable --now belay',
      'loginctl enable-linger',
    ]);
  } finally {
    await rm(config, { recursive: true });
  }
});
