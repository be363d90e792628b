import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stateDirectory } from './place.ts';

const SBIN = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Pulling through a proxy or a site's own certificates needs these; dockerd gets nothing else. */
const PASSED_ON = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/**
 * The environment dockerd starts in. Its PATH decides which iptables it calls: Debian's default
 * speaks nftables, which not every kernel of a virtual machine has; where only the older interface
 * works, a folder with links to it goes first, and the machine's own choice stays as it is.
 */
export async function dockerdEnvironment(): Promise<Record<string, string>> {
  const env: Record<string, string> = { PATH: SBIN, HOME: '/root' };
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  if (!(await canListNat('iptables')) && (await canListNat('iptables-legacy'))) {
    env['PATH'] = `${linkLegacyIptables()}:${SBIN}`;
  }
  return env;
}

async function canListNat(program: string): Promise<boolean> {
  try {
    await promisify(execFile)(program, ['--wait', '--table', 'nat', '--list-rules'], {
      env: { PATH: SBIN },
      timeout: 20_000,
    });
    return true;
  } catch {
    return false;
  }
}

function linkLegacyIptables(): string {
  const directory = join(stateDirectory(), 'iptables-legacy');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const name of ['iptables', 'ip6tables']) {
    symlinkSync(`/usr/sbin/${name}-legacy`, join(directory, name));
  }
  return directory;
}
