/**
 * A systemd unit for `belay up`, so that open operations go on after a reboot without anybody's command.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StateFolder } from './state-folder.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/belay', import.meta.url));

/** What the unit is made of. */
export interface UnitSettings {
  readonly system: boolean;
  readonly state: StateFolder;
  readonly deploymentFolders: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** An installed unit and the commands that start it. */
export interface InstalledUnit {
  readonly file: string;
  readonly commands: readonly string[];
}

/** The unit's text. Secrets have no place in it: they come from the environment file that it names. */
export function renderUnit(settings: UnitSettings, node: string = process.execPath): string {
  const { state, env, deploymentFolders } = settings;
  const variables = {
    PATH: env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    BELAY_STATE: state.folder,
    BELAY_DEPLOYMENTS: deploymentFolders.join(delimiter),
    ...(env['BELAY_TEMPORAL_BIN'] && { BELAY_TEMPORAL_BIN: env['BELAY_TEMPORAL_BIN'] }),
  };
  return `[Unit]
Description=belay: engine and workers for durable upgrades
Documentation=man:systemd.service(5)
After=network-online.target docker.service
Wants=network-online.target

[Service]
Type=simple
${Object.entries(variables)
  .map(([name, value]) => `Environment=${quote(`${name}=${value}`)}`)
  .join('\n')}
# Secrets and TEMPORAL_* settings, as NAME=value lines; may be missing.
EnvironmentFile=-${environmentFile(settings)}
# An engine that a command started in the meantime gives way to this one.
ExecStartPre=${quote(node)} ${quote(LAUNCHER)} up --stop
ExecStart=${quote(node)} ${quote(LAUNCHER)} up
Restart=always
RestartSec=2
# The engine ends its own children, in order.
KillMode=mixed
TimeoutStopSec=40

[Install]
WantedBy=${settings.system ? 'multi-user.target' : 'default.target'}
`;
}

/** Writes the unit (never starts it) and says how to start it. */
export async function installUnit(settings: UnitSettings): Promise<InstalledUnit> {
  const file = join(unitFolder(settings), 'belay.service');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, renderUnit(settings), { mode: 0o644 });
  await chmod(file, 0o644);
  const user = settings.system ? [] : ['--user'];
  return {
    file,
    commands: [
      ['systemctl', ...user, 'daemon-reload'],
      ['systemctl', ...user, 'enable', '--now', 'belay'],
      ...(settings.system ? [] : [['loginctl', 'enable-linger']]),
    ].map((argv) => argv.join(' ')),
  };
}

function unitFolder({ system, env }: UnitSettings): string {
  return system ? '/etc/systemd/system' : join(configFolder(env), 'systemd', 'user');
}

function environmentFile({ system, env }: UnitSettings): string {
  return system ? '/etc/belay/environment' : join(configFolder(env), 'belay', 'environment');
}

function configFolder(env: NodeJS.ProcessEnv): string {
  return env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config');
}

/** systemd's quoting: `%` starts a specifier, `$` a variable. */
function quote(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$');
  return `"${escaped}"`;
}
